// mxdigits/digitize/pixels/dithering.py: grey of the dots of a picture in two levels.

const DOTS = 0.05;  // of all pixels: least share of those that differ from all four neighbours
const DITHER = 4;  // pixels: the dots of ordered dither come again after so many
const LEAST_DITHERED = 60;  // pixels of the longer side: smaller pictures are drawn pixel by pixel

function withoutDither(light) {
  return isDithered(light) ? dotsSmoothed(dotsSmoothed(light)) : light;
}

function isDithered({width, height, values}) {
  if (Math.max(width, height) < LEAST_DITHERED) return false;
  const one = values[0], other = values.find((value) => value !== one);
  if (values.some((value) => value !== one && value !== other)) return false;
  let dots = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      const neighbours = [values[at - width], values[at + width], values[at - 1], values[at + 1]];
      if (neighbours.every((value) => value !== values[at])) dots++;
    }
  }
  return dots >= DOTS * values.length;
}

// The mean of a square around each pixel, by sums that are added in the same order as in Python.
function dotsSmoothed({width, height, values}) {
  const wide = width + DITHER, sums = new Float64Array(wide * (height + DITHER));
  for (let y = 1; y < height + DITHER; y++) {
    const row = clipped(y - 1 - DITHER / 2, 0, height - 1) * width;
    for (let x = 1; x < wide; x++) {
      sums[y * wide + x] = sums[(y - 1) * wide + x] + values[row + clipped(x - 1 - DITHER / 2, 0, width - 1)];
    }
  }
  for (let y = 1; y < height + DITHER; y++) {
    for (let x = 1; x < wide; x++) sums[y * wide + x] += sums[y * wide + x - 1];
  }
  const low = lowest(values), high = highest(values), made = grid(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * wide + x, below = at + DITHER * wide;
      const total = sums[below + DITHER] - sums[at + DITHER] - sums[below] + sums[at];
      made.values[y * width + x] = clipped(total / DITHER ** 2, low, high);
    }
  }
  return made;
}
