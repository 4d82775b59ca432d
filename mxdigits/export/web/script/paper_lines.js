// mxdigits/digitize/lines/paper_lines.py: the rules of lined and squared paper, taken away.

const SMALLEST = 60;  // pixels: on a smaller picture a rule and a stroke look alike
const STEEPEST = 0.07;  // rise over run, 4 degrees: how far askew a page may lie
const COARSE_MASK = 128;  // pixels of the longer side at which the slope is looked for first
const COLUMNS = 96;  // looked at, evenly spread
const COVERED = 0.8;  // of the picture's width; a digit's own bar is seldom so long
const THICKEST = 0.02;  // of the picture's longer side
const THICKEST_GRID = 0.06, LEAST_GRID = 3;  // of that, where there are so many, level and upright

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

// Level rules: their slope, and of each the rows [begin, end] in the middle column.
function rulesOf(ink, inside = null) {
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
