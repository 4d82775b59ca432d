// mxdigits/predict/occlusion.py: what an answer rests on, by covering the parts of an image.

const WINDOW_SHARE = 6, MOST_PLACES = 40;
const EXPLAINING_STEP = 2;  // pixels between two parts: as the server does it
const ASKED_TOGETHER = 32;  // images
const LEAST_PROBABILITY = 2 ** -126;  // of which there is a logarithm in float32

// The evidence for a class, a grid. `shares` gives the probabilities of each of several images.
async function occlusion(shares, image, label) {
  const {width, height, values} = image;
  const side = Math.max(1, rint(Math.min(height, width) / WINDOW_SHARE));
  const least = Math.ceil(Math.max(height, width) / MOST_PLACES);
  const step = Math.min(Math.max(EXPLAINING_STEP, least), side);
  const windows = windowsOver(width, height, side, step);
  const changed = windows.filter((each) => pixelsIn(each, width).some((at) => values[at]));
  const images = [image, ...changed.map((each) => covered(image, each))];
  const [whole, ...odds] = (await inPieces(shares, images)).map((each) => logOdds(each, label));
  const evidence = new Float32Array(values.length), times = new Float32Array(values.length);
  for (const each of windows) for (const at of pixelsIn(each, width)) times[at] += 1;
  changed.forEach((each, i) => {
    for (const at of pixelsIn(each, width)) evidence[at] += whole - odds[i];
  });
  return grid(width, height, evidence.map((each, at) => each / Math.max(times[at], 1)));
}

// The logarithm of a class's probability over that of all others together.
function logOdds(shares, label) {
  const one = Math.max(shares[label], LEAST_PROBABILITY);
  const others = [...shares].filter((_, i) => i !== label);
  const rest = others.reduce((sum, each) => sum + Math.max(each, LEAST_PROBABILITY), 0);
  return others.length ? Math.log(one / rest) : 0;
}

// Windows that reach over the edges, so that each pixel is under as many as any other.
function windowsOver(width, height, side, step) {
  const found = [];
  for (let top = 1 - side; top < height; top += step) {
    for (let left = 1 - side; left < width; left += step) {
      found.push([Math.max(left, 0), Math.max(top, 0),
        Math.min(left + side, width), Math.min(top + side, height)]);
    }
  }
  return found;
}

function pixelsIn([left, top, right, bottom], width) {
  const found = [];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) found.push(y * width + x);
  return found;
}

function covered(image, window) {
  const values = image.values.slice();
  for (const at of pixelsIn(window, image.width)) values[at] = 0;
  return grid(image.width, image.height, values);
}

async function inPieces(shares, images) {
  const found = [];
  for (let at = 0; at < images.length; at += ASKED_TOGETHER) {
    found.push(...await shares(images.slice(at, at + ASKED_TOGETHER)));
  }
  return found;
}
