// mxdigits/digitize/lines/between_lines.py: the cell between lines that cross the whole picture.

const BESIDE_CELL = 0.01;  // of the longer side, and a pixel: so far a line's blurred edge may reach
const LEAST_CROSSING = 3;  // level and upright: one may be a 1 that stands on the other
const LEAST_CELL = 0.5;  // of the picture's side: what fills less is one of many, as of squared paper

// The light of the widest cell between lines that cross; null where there are none. Beside dark lines
// a pencil looks as pale as a shadow: by itself it does not.
function betweenLines(light, ink) {
  const level = rulesOf(ink), upright = rulesOf(transposed(ink));
  const counts = [level.bands.length, upright.bands.length];
  if (Math.min(...counts) < 1 || counts[0] + counts[1] < LEAST_CROSSING) return null;
  const rows = widestGap(level, ink.height, ink.width), columns = widestGap(upright, ink.width, ink.height);
  if (!rows || !columns) return null;
  const [top, bottom] = rows, [left, right] = columns, cell = grid(right - left, bottom - top);
  for (let y = top; y < bottom; y++) {
    const row = light.values.subarray(y * light.width + left, y * light.width + right);
    cell.values.set(row, (y - top) * cell.width);
  }
  return cell;
}

// The widest gap between rules, without what their slope and blur take of it: its rows.
function widestGap({slope, bands}, height, width) {
  const begins = [0, ...bands.map(([, end]) => end)], ends = [...bands.map(([begin]) => begin), height];
  const at = indexOfHighest(begins.map((begin, i) => ends[i] - begin));
  const beside = 1 + rint(BESIDE_CELL * Math.max(height, width) + Math.abs(slope) * width / 2);
  const begin = begins[at] + (begins[at] > 0 ? beside : 0), end = ends[at] - (ends[at] < height ? beside : 0);
  return end - begin >= LEAST_CELL * height ? [begin, end] : null;
}
