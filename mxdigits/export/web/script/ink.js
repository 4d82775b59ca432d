// mxdigits/digitize/ink/contrast.py: where the ink is in a picture, and how much, whatever the light was.

const COARSE = 64;  // pixels of the longer side at which light is judged
const FINE = 192;  // and polarity, for a page of many digits
const AROUND = [4, 16];  // parts of it that are surroundings: of one thick digit, of many
const WIDEST = 0.4, THIN_PEN = 0.09;  // of the longer side: wider than any stroke, than one of a thin pen
const NARROW_STROKES = 3;  // skewness, beyond which strokes are narrow for sure; bold ones reached 2.7
const SMOOTH = 1;  // pixels, of the coarse size: little, for the edge of a shadow is sharp
const UNEVEN = 15;  // times the noise at a pixel: what JPEG smooths and dark corners amplify
const LEAST_SURE = 4;  // times the noise: so far from paper ink lies, noise alone does not
const GRAINS = [2, 4];  // pixels of a grain of noise; larger grains look like strokes
const LEAST_GRAINS = 80;  // of the shorter side: with fewer, strokes would be taken for grains
const FAINTEST = 0.06;  // of the paper's light: less contrast is no ink
const EVEN = 0.02;  // of the paper's light

// The ink of each pixel from 0 to 1, and the light that it was found in; the likelier alone, or
// where polarity is in doubt the other too: what is paper then is ink.
// `page` says whether what is dark along an edge is none, as where digits are far from filling it.
const inksOf = (light, page = false) => darkOnLight(light).map((dark) => inkOf(dark, page));

// The ink of a thin pen alone: what is wider is shadow, however dark and sharp.
const thinInkOf = (dark) => seenOn(dark, goingOnOutside(dark, THIN_PEN));

function inkOf(dark, page) {
  // Each is too light where it is wrong: the first at dark edges of the picture, a plane beside a sharp
  // shadow, which it makes a valley of, and at dark corners, which a bowl is made for.
  const small = reduced(dark, COARSE);
  let paper = filled(dark);
  const bowl = page ? null : bowlOf(small, dark.width, dark.height);
  for (const light of [planeOf(small, dark.width, dark.height), bowl]) {
    if (!light) continue;
    const fallen = mapped(light, (value) => Math.max(value, f32(0.05)));
    const other = filled(mapped(dark, (value, i) => value / fallen.values[i]));
    paper = mapped(paper, (value, i) => Math.min(value, f32(fallen.values[i] * other.values[i])));
  }
  if (page) {
    const outside = goingOnOutside(dark);
    paper = mapped(paper, (value, i) => Math.min(value, outside.values[i]));
  }
  return seenOn(dark, paper);
}

function seenOn(dark, paper) {
  const ink = mapped(dark, (value, i) => 1 - f32(value / Math.max(paper.values[i], f32(0.05))));
  const light = highest(paper.values), even = light - lowest(paper.values) <= EVEN * light;
  return {...levelled(ink), dark, even};
}

// The picture with its ink dark: the likelier first, then the other if that is in doubt.
function darkOnLight(light) {
  const small = reduced(light, FINE), side = Math.max(small.width, small.height);
  const [large, fine] = AROUND.map((share) => Math.max(1, Math.floor(side / share)));
  // At the picture's edge the surroundings go on as they are, or end: a digit that is cut close asks
  // for the one, a frame there for the other.
  const around = [edgeMean(small, large), edgeMean(small, fine), meanAround(small, large)];
  const surest = around.map((each) => skewnessOf(small, each))
    .reduce((one, other) => (Math.abs(other) > Math.abs(one) ? other : one));
  const inverted = mapped(light, (value) => 1 - value);
  const [likelier, other] = surest <= 0 ? [light, inverted] : [inverted, light];
  const doubtful = Math.abs(surest) < NARROW_STROKES && isLightAtTheEdge(small) === surest > 0;
  return doubtful ? [likelier, other] : [likelier];
}

// Whether most of the edge is lighter than the middle between darkest and lightest.
function isLightAtTheEdge({width, height, values}) {
  const middle = f32((lowest(values) + highest(values)) / 2);
  let lighter = 0, all = 0;
  for (let y = 0; y < height; y++) {
    const inner = y > 0 && y < height - 1;
    for (let x = 0; x < width; x += inner ? Math.max(1, width - 1) : 1) {
      all++;
      if (values[y * width + x] > middle) lighter++;
    }
  }
  return lighter > all / 2;
}

// That of the difference from the mean of the surroundings: negative where strokes are dark.
function skewnessOf(small, around) {
  const count = small.values.length;
  let squares = 0, cubes = 0;
  small.values.forEach((value, i) => {
    const difference = value - around.values[i];
    squares += difference ** 2;
    cubes += difference ** 3;
  });
  return cubes / count / Math.max(Math.sqrt(squares / count), 1e-6) ** 3;
}

// As meanAround, of a picture that goes on outside as it is at its edge.
function edgeMean(small, radius) {
  return inner(meanAround(goingOn(small, radius), radius), radius);
}

// A picture that goes on outside, so many pixels, as it is at its edge.
function goingOn({width, height, values}, more) {
  const made = grid(width + 2 * more, height + 2 * more);
  for (let y = 0, to = 0; y < made.height; y++) {
    const row = clipped(y - more, 0, height - 1) * width;
    for (let x = 0; x < made.width; x++, to++) {
      made.values[to] = values[row + clipped(x - more, 0, width - 1)];
    }
  }
  return made;
}

// A picture without so many pixels at each edge.
function inner({width, height, values}, less) {
  const [across, down] = [width - 2 * less, height - 2 * less];
  const made = grid(across, down, new values.constructor(across * down));
  for (let y = 0; y < down; y++) {
    const from = (y + less) * width + less;
    made.values.set(values.subarray(from, from + across), y * across);
  }
  return made;
}

// The mean over what lies in the picture of the square of 2 radius + 1 pixels about each pixel.
function meanAround({width, height, values}, radius) {
  const stride = width + 1, sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0, sum = 0; x < width; x++) {
      sum += values[y * width + x];
      sums[(y + 1) * stride + x + 1] = sum + sums[y * stride + x + 1];
    }
  }
  const means = grid(width, height, new Float64Array(width * height));
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - radius), bottom = Math.min(height, y + radius + 1);
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - radius), right = Math.min(width, x + radius + 1);
      const total = sums[bottom * stride + right] - sums[top * stride + right]
        - sums[bottom * stride + left] + sums[top * stride + left];
      means.values[y * width + x] = total / ((bottom - top) * (right - left));
    }
  }
  return means;
}

// A picture with its strokes filled in from the paper around them: a closing, smoothed.
function filled(flat) {
  const small = reduced(flat, COARSE);
  const smooth = Float32Array.from(meanAround(closed(small, closingWindow(small)), SMOOTH).values);
  return resized(grid(small.width, small.height, smooth), flat.width, flat.height, BILINEAR);
}

// The width of a closing, an odd number of pixels: wider than any stroke.
const closingWindow = ({width, height}, share = WIDEST) =>
  2 * Math.floor(share * Math.max(width, height) / 2) + 1;

const closed = (one, window) => lowestAround(highestAround(one, window), window);

function lowestAround(one, window) {
  const minus = (each) => mapped(each, (value) => -value);
  return minus(highestAround(minus(one), window));
}

// Light of which what is dark at the edge is a part: a corner in the dark, a table, a thing. It is
// filled in as by `filled`, in a picture that goes on outside: there it is wide, and no stroke.
function goingOnOutside(dark, share = WIDEST) {
  const small = reduced(dark, FINE), window = closingWindow(small, share);
  // Darker by a pixel: beside what is dark no rim is left, which would look inked.
  const made = lowestAround(inner(closed(goingOn(small, window), window), window), 3);
  return resized(made, dark.width, dark.height, BILINEAR);
}

// Paper to 0 and ink to 1, and what was 1; all 0 where there is nothing but paper.
function levelled(ink) {
  const none = {ink: grid(ink.width, ink.height), contrast: 0};
  // The paper is the lighter quarter: ink may cover more than half of a close cut. Its spread is
  // noise, unless the picture is smooth: then it is soft ink.
  const sorted = ink.values.slice().sort();
  const [lightest, lighter, darkest] = [5, 25, 100].map((share) => percentile(sorted, share));
  const pixelNoise = noiseOf(ink);
  const noise = Math.min((lighter - lightest) / 0.971, UNEVEN * pixelNoise);
  const paper = lighter + 0.674 * noise, contrast = darkest - paper;
  if (contrast < Math.max(5 * noise, FAINTEST)) return none;
  const floor = paper + Math.min(3 * noise + FAINTEST / 3, 0.2 * contrast);
  const least = f32(paper + Math.min(Math.max(6 * noise, FAINTEST), 0.4 * contrast));
  const seen = ink.values.filter((value) => value > least), threshold = otsu(seen);
  const full = median(seen.filter((value) => value >= threshold));
  const anyNoise = Math.max(noise, pixelNoise, coarseNoiseOf(ink));
  if (full - paper < LEAST_SURE * anyNoise) return none;
  const [low, span] = [f32(floor), f32(full - floor)];
  return {ink: mapped(ink, (value) => clipped(f32(value - low) / span, 0, 1)), contrast: full};
}

// The highest standard deviation of noise that has a grain of two pixels or four, as cloth.
function coarseNoiseOf(ink) {
  const [short, long] = [Math.min(ink.width, ink.height), Math.max(ink.width, ink.height)];
  return GRAINS.filter((grain) => short >= grain * LEAST_GRAINS)
    .map((grain) => noiseOf(reduced(ink, Math.floor(long / grain))))
    .reduce((most, noise) => Math.max(most, noise), 0);
}

// The standard deviation of the noise, by a mask that no slope or curve of the light moves.
function noiseOf({width, height, values}) {
  if (Math.min(width, height) < 3) return 0;
  const curved = (before, here, after) => f32(f32(before - f32(2 * here)) + after);
  const rows = new Float32Array(width * (height - 2));
  for (let i = 0; i < rows.length; i++) {
    rows[i] = curved(values[i], values[i + width], values[i + 2 * width]);
  }
  const both = new Float32Array((width - 2) * (height - 2));
  for (let y = 0, at = 0; y < height - 2; y++) {
    for (let i = y * width; i < (y + 1) * width - 2; i++, at++) {
      both[at] = Math.abs(curved(rows[i], rows[i + 1], rows[i + 2]));
    }
  }
  return 1.4826 / 6 * median(both);
}

// The threshold that parts values into two classes of the least variance (Otsu, 1979).
function otsu(values) {
  const low = lowest(values), high = highest(values), bins = 64;
  if (low === high) return low;
  const edges = Float32Array.from({length: bins + 1}, (_, i) => low + i * ((high - low) / bins));
  edges[bins] = high;
  const counts = new Float64Array(bins);
  for (const value of values) {
    let bin = Math.min(bins - 1, Math.trunc((value - low) / (high - low) * bins));
    if (value < edges[bin]) bin--;
    else if (bin < bins - 1 && value >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
  return edges[1 + bestBin(counts, edges)];
}

function bestBin(counts, edges) {
  const moment = (bin) => counts[bin] * f32(f32(edges[bin + 1] + edges[bin]) / 2);
  let all = 0, allSums = 0, below = 0, sums = 0, best = 0, most = -1;
  for (let bin = 0; bin < counts.length; bin++) { all += counts[bin]; allSums += moment(bin); }
  for (let bin = 0; bin < counts.length - 1; bin++) {
    below += counts[bin];
    sums += moment(bin);
    const above = all - below, between = below * above * (sums / below - (allSums - sums) / above) ** 2;
    if (between > most) { most = between; best = bin; }
  }
  return best;
}
