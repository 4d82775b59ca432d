// mxdigits/digitize/paper_lines.py: the rules of lined and squared paper, taken away.

const SMALLEST = 60;  // pixels: on a smaller picture a rule and a stroke look alike
const STEEPEST = 0.07;  // rise over run, 4 degrees: how far askew a page may lie
const COARSE_MASK = 128;  // pixels of the longer side at which the slope is looked for first
const COLUMNS = 96;  // looked at, evenly spread
const INKED = f32(0.12);
const STROKE = f32(0.3);  // what meets a rule is inked as much; less is a blurred edge near it
const COVERED = 0.8;  // of the picture's width; a digit's own bar is seldom so long
const THICKEST = 0.02;  // of the picture's longer side
const THICKEST_GRID = 0.06, LEAST_GRID = 3;  // of that, where there are so many, level and upright
const GOES_ON = 2;  // pixels: a stroke that meets a rule is seen so far beyond it

// `outside` is what is no part of the picture, once it was turned.
function withoutRules(ink, outside = null) {
  if (Math.min(ink.width, ink.height) < SMALLEST) return ink;
  const inside = outside && grid(ink.width, ink.height, outside.values.map((each) => !each));
  const both = [rulesOf(ink, inside), rulesOf(transposed(ink), inside && transposed(inside))];
  const thickest = Math.max(4, 1 + rint(THICKEST * Math.max(ink.width, ink.height)));
  const [level, upright] = thinOrGrid(both, thickest);
  return level.bands.length || upright.bands.length ? withoutLines(ink, level, upright) : ink;
}

// Level and upright rules without the thick ones, unless so many of both make a grid.
function thinOrGrid(both, thickest) {
  const counts = both.map(({bands}) => bands.length);
  if (Math.min(...counts) >= 1 && counts[0] + counts[1] >= LEAST_GRID) return both;
  return both.map(({slope, bands}) =>
    ({slope, bands: bands.filter(([begin, end]) => end - begin <= thickest)}));
}

// Ink without level and upright lines.
function withoutLines(ink, level, upright) {
  const turned = transposed(ink);
  const rows = erased(ink, level, transposed(maskOf(upright, turned)));
  return transposed(erased(transposed(rows), upright, transposed(maskOf(level, ink))));
}

// Level rules: their slope, and of each the rows [begin, end] in the middle column.
function rulesOf(ink, inside) {
  const {width, height, values} = ink, inked = grid(width, height, new Uint8Array(values.length));
  for (let i = 0; i < values.length; i++) {  // a thin rule that is askew goes in steps
    inked.values[i] = values[i] > INKED || (i >= width && values[i - width] > INKED);
  }
  const slope = slopeOf(inked, inside), covered = coverage(inked, slope, inside);
  const thickest = Math.max(4, 1 + rint(THICKEST_GRID * Math.max(width, height)));
  return {slope, bands: bandsOf(covered, thickest, COVERED)};
}

// How far rules lie askew, if there are any.
function slopeOf(inked, inside) {
  const step = Math.ceil(Math.max(inked.width, inked.height) / COARSE_MASK);
  let best = 0, reach = STEEPEST;
  const looked = [[pooled(inked, step), inside && thinned(inside, step)], [inked, inside]];
  for (const [mask, within] of looked) {
    const slopes = steps(-reach, reach + 1 / mask.width, 1 / mask.width).map((each) => best + each);
    const covered = slopes.map((slope) => coverage(mask, slope, within, 2));
    best = slopes[indexOfHighest(covered.map((each) => each.reduce((sum, c) => sum + c ** 8, 0)))];
    reach = 1.5 / mask.width;
    if (Math.max(...covered.map(highest)) < COVERED) break;  // there are none
  }
  return best;
}

// NumPy's arange.
function steps(start, stop, step) {
  const count = Math.max(0, Math.ceil((stop - start) / step)), apart = start + step - start;
  return Array.from({length: count}, (_, i) => start + i * apart);
}

// The mask with step x step pixels made one, set where any of them is.
function pooled(mask, step) {
  const made = grid(Math.ceil(mask.width / step), Math.ceil(mask.height / step));
  for (let y = 0, at = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++, at++) {
      if (mask.values[at]) made.values[Math.floor(y / step) * made.width + Math.floor(x / step)] = 1;
    }
  }
  return made;
}

// Every step-th pixel of a mask, across and down.
function thinned(mask, step) {
  const made = grid(Math.ceil(mask.width / step), Math.ceil(mask.height / step));
  made.values.forEach((_, at) => {
    const x = at % made.width, y = Math.floor(at / made.width);
    made.values[at] = mask.values[y * step * mask.width + x * step];
  });
  return made;
}

// Of the line with this slope through each row of the middle column, the share that is inked. Lines
// of which more than two thirds lie outside the picture count as not inked at all; of a picture that
// was turned, the part 1 / least has to lie inside.
function coverage(inked, slope, inside, least = 6) {
  const {width, height, values} = inked, covered = new Float64Array(height);
  const columns = Array.from({length: COLUMNS}, (_, i) => rint(i * ((width - 1) / (COLUMNS - 1))));
  const shifts = columns.map((column) => offset(column, slope, width));
  for (let y = 0; y < height; y++) {
    let hit = 0, seen = 0;
    for (let i = 0; i < COLUMNS; i++) {
      const row = y + shifts[i];
      const at = row * width + columns[i];
      if (row < 0 || row >= height || (inside && !inside.values[at])) continue;
      seen++;
      if (values[at]) hit++;
    }
    covered[y] = (inside ? least : 3) * seen > COLUMNS ? hit / seen : 0;
  }
  return covered;
}

const offset = (column, slope, width) => rint(slope * (column - width / 2));

// The rows of each rule: well covered, and no thicker than a rule is. `least` is what the best row
// is covered by, and the share `edge` of that covers the others.
function bandsOf(covered, thickest, least, edge = 0.6) {
  const found = [];
  for (let begin = 0, end; begin < covered.length; begin = end + 1) {
    for (end = begin; end < covered.length && covered[end] >= edge * least;) end++;
    const inside = covered.subarray(begin, end);
    if (end > begin && end - begin <= thickest && highest(inside) >= least) {
      found.push([begin, end]);
    }
  }
  return found;
}

// The pixels of the rules, with all around them that is blurred.
function maskOf(rules, {width, height}) {
  const mask = grid(width, height, new Uint8Array(width * height));
  for (const [begin, end] of rules.bands) {
    const margin = 1 + Math.floor((end - begin) / 2) + GOES_ON;
    for (let x = 0; x < width; x++) {
      const first = begin - margin + offset(x, rules.slope, width), last = first + end - begin + 2 * margin;
      for (let y = Math.max(0, first); y < Math.min(height, last); y++) {
        mask.values[y * width + x] = 1;
      }
    }
  }
  return mask;
}

// The ink without level rules; `others` are the rules across them.
function erased(ink, rules, others) {
  const left = grid(ink.width, ink.height, ink.values.slice());
  for (const band of rules.bands) eraseBand(left, band, rules.slope, others);
  return left;
}

function eraseBand(ink, [begin, end], slope, others) {
  const {width, height, values} = ink, margin = 1 + Math.floor((end - begin) / 2);
  const reach = margin + GOES_ON, place = (y, x) => {
    const row = y + offset(x, slope, width);
    return row >= 0 && row < height ? row * width + x : -1;
  };
  const darkest = Float32Array.from({length: width}, (_, x) => {
    let most = 0;
    for (let y = begin - margin; y < end + margin; y++) {
      const at = place(y, x);
      if (at >= 0) most = Math.max(most, values[at]);
    }
    return most;
  });
  const there = darkest.filter((value) => value > INKED);  // a box's line may be shorter than what holds it
  if (!there.length) return;
  const isStroke = (y, x) => {
    const row = clipped(y + offset(x, slope, width), 0, height - 1), at = place(y, x);
    return at >= 0 && values[at] > STROKE && !others.values[row * width + x];
  };
  const above = metFrom((far, x) => isStroke(begin - 1 - far, x), darkest, margin);
  const below = metFrom((far, x) => isStroke(end + far, x), darkest, margin);
  // A stroke is darker than the rule, or goes on beyond it: on one side it keeps what is outside
  // of the rule, on both sides all.
  const crossed = [above, below].map(({met}) => widened(met, margin));
  const most = f32(1.35 * median(there) + 0.1);
  for (let x = 0; x < width; x++) {
    if (crossed[0][x] && crossed[1][x]) continue;
    const first = above.met[x] ? begin - above.edge : begin - margin;
    const last = below.met[x] ? end + below.edge : end + margin;
    for (let y = first; y < last; y++) {
      const at = place(y, x);
      if (at >= 0 && values[at] <= most) values[at] = 0;
    }
  }
}

// Where strokes meet a rule from one side, and how far the rule itself is blurred there.
function metFrom(isStroke, darkest, margin) {
  const runs = Float64Array.from(darkest, (_, x) => {
    let far = 0;
    while (far < margin + GOES_ON && isStroke(far, x)) far++;
    return far;
  });
  const usual = median(runs.filter((_, x) => darkest[x] > INKED));
  const edge = Math.min(Math.floor(usual), margin);
  return {edge, met: Uint8Array.from(runs, (far) => far >= edge + GOES_ON)};
}

function widened(mask, by) {
  return mask.map((_, x) => mask.subarray(Math.max(0, x - by), x + by + 1).some(Boolean));
}
