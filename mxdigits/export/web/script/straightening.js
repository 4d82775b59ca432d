// mxdigits/digitize/paper/straightening.py: the inside of a quadrilateral as a rectangle.

function straightened(light, corners, side) {
  const xs = corners.map(([x]) => x), ys = corners.map(([, y]) => y);
  const left = Math.max(0, Math.floor(lowest(xs))), right = Math.ceil(highest(xs));
  const top = Math.max(0, Math.floor(lowest(ys))), bottom = Math.ceil(highest(ys));
  const part = grid(Math.min(right, light.width) - left, Math.min(bottom, light.height) - top);
  for (let y = 0; y < part.height; y++) {
    const from = (top + y) * light.width + left;
    part.values.set(light.values.subarray(from, from + part.width), y * part.width);
  }
  const seen = reduced(part, side);
  const quad = corners.map(([x, y]) =>
    [(x - left) / (part.width / seen.width), (y - top) / (part.height / seen.height)]);
  const sides = sidesOf(quad).map(([[x0, y0], [x1, y1]]) => Math.hypot(x1 - x0, y1 - y0));
  const [width, height] = [0, 1].map((i) => Math.max(1, rint((sides[i] + sides[i + 2]) / 2)));
  return seenThrough(seen, perspective([[0, 0], [width, 0], [width, height], [0, height]], quad), width, height);
}

// A picture through a perspective, as Pillow's Image.transform makes it of float32.
function seenThrough(one, [a, b, c, d, e, f, g, h], width, height, fill = 0) {
  const made = grid(width, height, new Float32Array(width * height).fill(fill)), at = (x, y) =>
    one.values[clipped(y, 0, one.height - 1) * one.width + clipped(x, 0, one.width - 1)];
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const [u, v] = [x + 0.5, y + 0.5], depth = g * u + h * v + 1;
      const [px, py] = [(a * u + b * v + c) / depth, (d * u + e * v + f) / depth];
      if (px < 0 || py < 0 || px >= one.width || py >= one.height) continue;
      const [i, j] = [Math.floor(px - 0.5), Math.floor(py - 0.5)];
      const [dx, dy] = [px - 0.5 - i, py - 0.5 - j];
      const above = at(i, j) + (at(i + 1, j) - at(i, j)) * dx;
      const below = at(i, j + 1) + (at(i + 1, j + 1) - at(i, j + 1)) * dx;
      made.values[to] = above + (below - above) * dy;
    }
  }
  return made;
}

// The first eight numbers of the matrix that takes four places to four others.
function perspective(here, there) {
  const rows = [];
  here.forEach(([x, y], i) => {
    const [u, v] = there[i];
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  });
  return solved(rows);
}
