// mxdigits/digitize/light.py: the light that falls on the paper, without what is written on it.

// The light that falls on the paper, as a plane: more would bend to follow the ink. Least squares,
// with what lies far from the plane, the ink, left out of the next round.
function slantOf(dark) {
  const small = reduced(dark, COARSE), values = Float64Array.from(small.values);
  let fitted = new Float64Array(values.length).fill(median(values)), plane = [0, 0, 0];
  for (let round = 0; round < 8; round++) {
    const distance = values.map((value, i) => Math.abs(value - fitted[i]));
    const most = Math.max(2.5 * deviation(distance), 0.03);
    plane = planeThrough(small, values, (i) => distance[i] <= most);
    fitted = drawn(plane, small.width, small.height, Float64Array).values;
  }
  return drawn(plane, dark.width, dark.height, Float32Array);
}

// The places of pixels' centres, from -1 to 1.
const places = (count) => Float64Array.from({length: count}, (_, i) => (2 * i + 1) / count - 1);

function drawn([constant, across, down], width, height, kind) {
  const made = grid(width, height, new kind(width * height));
  const xs = places(width), ys = places(height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) made.values[at] = constant + across * xs[x] + down * ys[y];
  }
  return made;
}

// Constant, slope to the right and slope downwards of the plane nearest to the values that count.
// Of planes that are equally near, as of a picture one pixel wide, it is the flattest.
function planeThrough({width, height}, values, counts) {
  const sums = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], xs = places(width), ys = places(height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (!counts(at)) continue;
      const terms = [1, xs[x], ys[y], values[at]];
      for (let i = 0; i < 3; i++) for (let j = 0; j < 4; j++) sums[i][j] += terms[i] * terms[j];
    }
  }
  for (let i = 0; i < 3; i++) sums[i][i] += 1e-9 * sums[0][0];
  return solved(sums);
}

// The solution of linear equations, one a row, by elimination with the largest numbers first.
function solved(rows) {
  for (let i = 0; i < rows.length; i++) {
    let most = i;
    for (let j = i; j < rows.length; j++) if (Math.abs(rows[j][i]) > Math.abs(rows[most][i])) most = j;
    [rows[i], rows[most]] = [rows[most], rows[i]];
    rows[i] = rows[i].map((value) => value / rows[i][i]);
    for (let j = 0; j < rows.length; j++) {
      const times = rows[j][i];
      if (j !== i) rows[j] = rows[j].map((value, at) => value - times * rows[i][at]);
    }
  }
  return rows.map((row) => row[rows.length]);
}

// The standard deviation of noise, from the median of its distances from its centre.
const deviation = (distance) => 1.4826 * median(distance);
