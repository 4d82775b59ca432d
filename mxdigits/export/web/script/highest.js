// mxdigits/digitize/pixels/highest.py: the highest values of an array about each place.

// The highest value in the square of `window` pixels, an odd number, about each pixel.
function highestAround(one, window) {
  return transposed(highestInRows(transposed(highestInRows(one, window)), window));
}

function highestInRows({width, height, values}, window) {
  const made = grid(width, height, new values.constructor(values.length)), radius = window >> 1;
  for (let y = 0; y < height; y++) {
    const row = values.subarray(y * width, (y + 1) * width);
    for (let x = 0; x < width; x++) {
      made.values[y * width + x] = highest(row.subarray(Math.max(0, x - radius), x + radius + 1));
    }
  }
  return made;
}
