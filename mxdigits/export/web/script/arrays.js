// What the other files need of NumPy. A grid is {width, height, values}, row after row; numbers
// that Python keeps as float32 are in a Float32Array, so that both round alike.

const f32 = Math.fround;

function grid(width, height, values = new Float32Array(width * height)) {
  return {width, height, values};
}

function mapped(one, change) {
  return grid(one.width, one.height, one.values.map(change));
}

function transposed(one) {
  const {width, height, values} = one;
  const turned = new values.constructor(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) turned[x * height + y] = values[y * width + x];
  }
  return grid(height, width, turned);
}

// To the nearest whole number, halves to the even one, as Python's round().
function rint(value) {
  const below = Math.floor(value), rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const clipped = (value, low, high) => Math.min(Math.max(value, low), high);

function highest(values) {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  return most;
}

function lowest(values) {
  let least = Infinity;
  for (const value of values) if (value < least) least = value;
  return least;
}

function indexOfHighest(values) {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[at]) at = i;
  return at;
}

// The percentile of numbers that are sorted already, between two of them in proportion.
function percentile(sorted, percent) {
  const place = percent / 100 * (sorted.length - 1), below = Math.floor(place);
  const low = sorted[below], high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (high - low) * (place - below);
}

function median(values) {
  const sorted = values.slice().sort(), half = sorted.length >> 1;
  if (sorted.length % 2) return sorted[half];
  const mean = (sorted[half - 1] + sorted[half]) / 2;
  return values instanceof Float32Array ? f32(mean) : mean;
}

// The sum of numbers of float32, in the order in which NumPy adds what lies together: in eight
// strands, and halves of what is long. A sum that differs in its last bit moves the centre of a
// symmetrical digit by a pixel.
function sum32(values, begin = 0, count = values.length) {
  if (count > 128) {
    const half = (count >> 1) - (count >> 1) % 8;
    return f32(sum32(values, begin, half) + sum32(values, begin + half, count - half));
  }
  let total = 0, done = 0;
  if (count >= 8) {
    const strands = values.slice(begin, begin + 8);
    for (done = 8; done + 8 <= count; done += 8) {
      for (let i = 0; i < 8; i++) strands[i] += values[begin + done + i];
    }
    const [a, b, c, d, e, f, g, h] = strands;
    total = f32(f32(f32(a + b) + f32(c + d)) + f32(f32(e + f) + f32(g + h)));
  }
  for (; done < count; done++) total = f32(total + values[begin + done]);
  return total;
}
