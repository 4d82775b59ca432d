// mxdigits/digitize/lines/underlines.py: whether a straight line under a piece of ink is none of its strokes.

const BEYOND = 0.08;  // of what it underlines: by how much more a line is longer on either side
const FREE = 0.1, FREE_PEN = 0.25;  // of a line's length beside what stands on it: thin, the pen's
const THIN = 0.6;  // of the pen's width
const ABOVE = 0.6;  // of a piece's height, stands on the line
const ROW = 1.8;  // width over height of several digits on a line, or of a 2 with a long base

// Whether a line is the lower end of a piece, and longer than what stands on it.
function isUnderline({width, height, values}, [begin, end], slope) {
  const rows = Math.max(0, begin - 2 - rint(Math.abs(slope) * width / 2));
  const [left, right] = inkedColumns(values, width, 0, rows);
  if (rows < ABOVE * height || right < 0) return false;
  const thick = end - begin, rest = grid(width, rows, values.subarray(0, rows * width));
  const withThePen = thick > THIN * penOf(rest);
  const alone = withThePen && !leavesAColumn(values, width, rows, left, right);
  if (width >= ROW * rows && !alone) return true;
  // The base of a 2 begins where its neck ends, and is written with the same pen; a line goes on
  // beyond what stands on it, and is thinner most often.
  const [first, last] = inkedColumns(values, width, Math.max(0, rows - 1 - thick), rows);
  const free = last < 0 ? 0 : Math.min(first, width - 1 - last);
  const least = withThePen ? FREE_PEN : FREE;
  return Math.min(left, width - 1 - right) >= BEYOND * (right + 1 - left) && free >= least * width;
}

// The first and the last column that some row of several is inked in; the last is -1 if none is.
function inkedColumns(values, width, from, to) {
  let first = width, last = -1;
  for (let at = from * width; at < to * width; at++) {
    if (!values[at]) continue;
    first = Math.min(first, at % width);
    last = Math.max(last, at % width);
  }
  return [first, last];
}

// Whether some column between two is not inked in so many rows.
function leavesAColumn(values, width, rows, left, right) {
  for (let x = left; x <= right; x++) {
    let y = 0;
    while (y < rows && !values[y * width + x]) y++;
    if (y === rows) return true;
  }
  return false;
}

// How thick strokes are, in pixels: twice their area for the length of their border.
function penOf({width, height, values}) {
  let area = 0, border = 0;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      area += values[at];
      if (x && values[at] !== values[at - 1]) border++;
      if (y && values[at] !== values[at - width]) border++;
    }
  }
  return 2 * area / Math.max(1, border);
}
