// mxdigits/digitize/ink/straight.py: straight lines that are no digit, of shadows and folds.

const STRAIGHTEST_LINE = 0.03;  // of its variance along it, has a line across

// Whether an image in MNIST's form shows no more than a straight line.
function isStraight({width, values}) {
  const mass = values.reduce((sum, value) => sum + value, 0);
  const mean = (valueAt) => values.reduce((sum, value, i) =>
    sum + value / mass * valueAt(i % width, Math.floor(i / width)), 0);
  const x0 = mean((x) => x), y0 = mean((_, y) => y);
  const level = mean((x) => (x - x0) ** 2), upright = mean((_, y) => (y - y0) ** 2);
  const askew = mean((x, y) => (x - x0) * (y - y0));
  const middle = (level + upright) / 2, apart = Math.hypot((level - upright) / 2, askew);
  return middle - apart < STRAIGHTEST_LINE * (middle + apart);
}
