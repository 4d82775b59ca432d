// mxdigits/digitize/paper/drawn_frame.py: a frame that is drawn, told from the faint edge of a sheet.

const SEEN_ACROSS = 5, LINE_WITHIN = 2.5;  // pixels of the small copy, to both sides
const DARK_LINE = 0.15;  // of the paper's light: a line is darker by more

// Whether there is a dark line along every side of a quadrilateral. `sides` are functions that give
// the place so far outwards in the small copy of each of SAMPLES numbers.
function isDrawn(light, sides, [across, down]) {
  const step = 1 / Math.max(across, down), far = [];
  const steps = Math.ceil((SEEN_ACROSS + step + SEEN_ACROSS) / step);
  for (let i = 0; i < steps; i++) far.push(-SEEN_ACROSS + i * step);
  return sides.every((placeAt) => {
    const depths = new Float64Array(SAMPLES);
    for (let i = 0; i < SAMPLES; i++) {
      const seen = Float32Array.from(far, (each) => {
        const [x, y] = placeAt(i, each);
        return lightAt(light, [x * across, y * down]);
      });
      const line = lowest(seen.filter((_, k) => Math.abs(far[k]) <= LINE_WITHIN));
      depths[i] = 1 - line / Math.max(median(seen), 0.05);
    }
    return median(depths) > DARK_LINE;
  });
}
