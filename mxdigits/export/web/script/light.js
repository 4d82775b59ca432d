// mxdigits/digitize/paper/light.py: the light that falls on the paper, without what is written on it.

const PLANE = 3, BOWL = 6;  // terms
const ROUNDS = 8;
// Curvature, in full light over half a side: a bowl falls so much along one line, and rises so little
// along any other.
const LEAST_FALLING = 0.05, MOST_RISING = 0.02;
const MOST_BESIDE = 0.027;  // of the light, is the deviation from a bowl: shadows have more
const EVEN_LIGHT = 0.005;  // is the deviation of light that falls off to no side: of a bowl's it is 0.015

// The light that falls on the paper, as a plane: more would bend to follow the ink.
const planeOf = (small, width, height) => drawn(fittedTo(small, PLANE), width, height, Float32Array);

// The light as a surface that falls off to all sides, as under a lamp; null where it does not. What is
// bent the other way would follow the ink.
function bowlOf(small, width, height) {
  const middling = median(small.values);
  if (deviation(small.values.map((value) => Math.abs(value - middling))) < EVEN_LIGHT) return null;
  const weights = fittedTo(small, BOWL), [across, askew, down] = weights.slice(PLANE);
  const middle = across + down, apart = Math.hypot(across - down, askew);
  if (middle + apart > MOST_RISING || middle - apart > -LEAST_FALLING) return null;
  const bowl = drawn(weights, small.width, small.height, Float32Array);
  const beside = deviation(small.values.map((value, i) => Math.abs(value - bowl.values[i])));
  if (beside > MOST_BESIDE * middling) return null;
  return drawn(weights, width, height, Float32Array);
}

// The weights of so many terms that come nearest to most of a picture: least squares, with what lies
// far from them, the ink, left out of the next round.
function fittedTo(small, count) {
  const values = Float64Array.from(small.values);
  let fitted = new Float64Array(values.length).fill(median(values)), weights = new Array(count).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    const distance = values.map((value, i) => Math.abs(value - fitted[i]));
    const most = Math.max(2.5 * deviation(distance), 0.03);
    weights = nearestTo(small, values, count, (i) => distance[i] <= most);
    fitted = drawn(weights, small.width, small.height, Float64Array).values;
  }
  return weights;
}

// The places of pixels' centres, from -1 to 1.
const places = (count) => Float64Array.from({length: count}, (_, i) => (2 * i + 1) / count - 1);

// What a plane is the sum of, and what is added for a bowl.
const termsAt = (x, y) => [1, x, y, x * x, x * y, y * y];

function drawn(weights, width, height, kind) {
  const made = grid(width, height, new kind(width * height));
  const xs = places(width), ys = places(height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const terms = termsAt(xs[x], ys[y]);
      made.values[at] = weights.reduce((sum, weight, i) => sum + weight * terms[i], 0);
    }
  }
  return made;
}

// The weights of the terms that come nearest to the values that count. Of those that are equally near,
// as planes are to a picture one pixel wide, they are the flattest.
function nearestTo({width, height}, values, count, counts) {
  const sums = Array.from({length: count}, () => new Array(count + 1).fill(0));
  const xs = places(width), ys = places(height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (!counts(at)) continue;
      const terms = [...termsAt(xs[x], ys[y]).slice(0, count), values[at]];
      for (let i = 0; i < count; i++) for (let j = 0; j <= count; j++) sums[i][j] += terms[i] * terms[j];
    }
  }
  for (let i = 0; i < count; i++) sums[i][i] += 1e-9 * sums[0][0];
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
