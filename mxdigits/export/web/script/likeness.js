// mxdigits/digitize/digits/likeness.py: how much ink looks like a digit.

const LEAST_LIKENESS = 0.002;  // of 15,000 digits that were held out two look less like one
const LIKELY = 0.5;  // what looks less like a digit is more likely none
const CERTAIN = 0.9;  // likeness of a digit that is left as it is
const LAYERS = [[25, 16], [144, 32], [288, 48], [768, 48], [48, 11]];  // inputs and outputs
const CONVOLUTIONS = [[5, 2], [3, 1], [3, 1]];  // side and padding; each halves the picture

// Of each layer the weights, outputs by outputs, how large 1 of them is, and what is added.
function likenessLayers(bytes) {
  let at = 0;
  const taken = (Kind, size) => {
    const part = new Kind(bytes.slice(at, at + size).buffer);
    at += size;
    return part;
  };
  return LAYERS.map(([inputs, outputs]) => ({
    outputs,
    weights: taken(Int8Array, inputs * outputs),
    scale: taken(Float32Array, 4 * outputs),
    added: taken(Float32Array, 4 * outputs),
  }));
}

function layerOf(values, {weights, outputs, scale, added}) {
  const sums = new Float64Array(outputs);
  values.forEach((value, i) => {
    if (!value) return;
    for (let j = 0; j < outputs; j++) sums[j] += value * weights[i * outputs + j];
  });
  return sums.map((sum, j) => sum * scale[j] + added[j]);
}

const positive = (values) => values.map((value) => Math.max(value, 0));

// What a window of a picture of several channels holds: channel by channel, rows from the top.
function windowOf(values, side, channels, size, top, left) {
  const held = new Float64Array(channels * size * size);
  for (let i = 0; i < held.length; i++) {
    const channel = Math.floor(i / (size * size)), at = i % (size * size);
    const y = top + Math.floor(at / size), x = left + at % size;
    if (y >= 0 && y < side && x >= 0 && x < side) held[i] = values[(y * side + x) * channels + channel];
  }
  return held;
}

// How probable it is that an image in MNIST's form shows one digit, from 0 to 1.
function likeness(image, layers) {
  let side = image.width, channels = 1;
  let values = Float64Array.from(image.values, (value) => value / 255);
  CONVOLUTIONS.forEach(([size, padding], number) => {
    const layer = layers[number], half = Math.ceil(side / 2);
    const made = new Float64Array(half * half * layer.outputs);
    for (let place = 0; place < half * half; place++) {
      const top = 2 * Math.floor(place / half) - padding, left = 2 * (place % half) - padding;
      const held = windowOf(values, side, channels, size, top, left);
      made.set(positive(layerOf(held, layer)), place * layer.outputs);
    }
    [values, side, channels] = [made, half, layer.outputs];
  });
  const scores = layerOf(positive(layerOf(values, layers[3])), layers[4]);
  const most = Math.max(...scores), shares = scores.map((score) => Math.exp(score - most));
  return 1 - shares.at(-1) / shares.reduce((sum, share) => sum + share);
}

// What a network of digits says, as far as there is a digit; else any is as probable.
const weighted = (shares, like) => shares.map((share) => like * share + (1 - like) / shares.length);
