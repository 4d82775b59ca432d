// mxdigits/digitize/ink/shadows.py: which ink is none, but a shadow, or the edge of a sheet.

const PIECE_SIDE = 160;  // pixels of the longer side at which a piece is looked at
const PIECE_INKED = f32(0.2);
const SAME = 0.4;  // of the contrast of most of the outline: less is as dark as what is within
const MOST_SAME = 0.2;  // of the outline: of a digit it is less
const FAINT_EDGE = 0.3;  // contrast of the edge of a sheet
const THINNEST_SIDE = 25, THIN_SIDE = 40;  // times as long as thick; the same, whatever noise is on it
const MOST_STROKES = 8;  // times as long as a digit: however uneven it is, more are noise or a grid
const STRAIGHTEST_SIDES = 1.35;  // of width and height: two sides of a sheet are not longer
const MOST_OVER = 0.6;  // of the narrower side, two sides go beside each other; a flag goes farther

// Whether pieces of ink are of a shadow, of a sheet's edge, or noise. `seen` has the ink with its lines,
// and the light that it was found in; `flags` says whether two strokes at a sharp angle, as those of a 1
// with a flag, are no edge; `lines` whether the pieces may be a grid of lines.
function isShadow(pieces, group, seen, flags = false, lines = false) {
  const faint = seen.contrast < FAINT_EDGE;
  if (faint && areSides(group, flags ? MOST_OVER : Infinity)) return true;
  const [left, top, right, bottom] = group.map(({box}) => box).reduce(around);
  const pen = penOfPieces(group), long = Math.max(right - left, bottom - top);
  if (faint && long >= THIN_SIDE * pen && isLineOrCorner(cutOut(pieces, group), !flags)) return true;
  const area = group.reduce((sum, piece) => sum + piece.area, 0);
  if ((faint || lines) && area > MOST_STROKES * long * pen) return true;
  return !seen.even && openShare(pieces, group, seen) > MOST_SAME;
}

const penOfPieces = (group) => group.reduce((sum, {area}) => sum + area, 0)
  / group.reduce((sum, {strokes}) => sum + strokes, 0);

// Whether pieces together are thin, and straight as a line or two sides of a box, which go beside each
// other by no more than a share of its narrower side.
function areSides(group, over) {
  const [left, top, right, bottom] = group.map(({box}) => box).reduce(around);
  const wide = right - left, high = bottom - top;
  const strokes = group.reduce((sum, {border}) => sum + border, 0) / 2;
  const most = Math.min(STRAIGHTEST_SIDES * (wide + high), wide + high + over * Math.min(wide, high));
  return Math.max(wide, high) >= THINNEST_SIDE * penOfPieces(group) && strokes <= most;
}

// Of the outline of pieces, the share beyond which it is as dark as within.
function openShare({ink, numbers}, group, seen) {
  const pen = penOfPieces(group), theirs = new Set(group.map(({number}) => number));
  const [left, top, right, bottom] = group.map(({box}) => box).reduce(around);
  const beyond = rint(2 * pen) + 4 * Math.ceil(Math.max(right - left, bottom - top) / PIECE_SIDE);
  const frame = [Math.max(0, left - beyond), Math.max(0, top - beyond),
    Math.min(ink.width, right + beyond), Math.min(ink.height, bottom + beyond)];
  const only = grid(ink.width, ink.height, ink.values.map((value, i) =>
    (theirs.has(numbers.values[i]) ? value : 0)));
  const [inside, dark, all] = [only, seen.dark, seen.ink].map((each) =>
    reduced(partOf(each, frame), PIECE_SIDE));
  const share = inside.width / (frame[2] - frame[0]);
  const near = mapped(highestAround(inside, 3), (value) => Number(value > PIECE_INKED));
  const far = highestAround(near, 5);
  const ring = mapped(far, (value, i) =>
    Number(value && !near.values[i] && all.values[i] >= 0 && all.values[i] <= PIECE_INKED));
  const reach = 4 + Math.max(1, rint(share * pen / 2));
  const within = lightUnder(inside, dark, reach), outside = lightUnder(ring, dark, 2);
  const contrast = Float64Array.from(within, (value, i) => 1 - value / Math.max(outside[i], 0.02))
    .filter((_, i) => ring.values[i]);
  if (!contrast.length) return 0;
  const least = SAME * percentile(contrast.slice().sort(), 80);
  return contrast.filter((value) => value < least).length / contrast.length;
}

// The mean light about each pixel, of what counts.
function lightUnder(counts, dark, radius) {
  const product = mapped(counts, (value, i) => value * dark.values[i]);
  const light = meanAround(product, radius), all = meanAround(counts, radius);
  return light.values.map((value, i) => value / Math.max(all.values[i], 1e-9));
}

function partOf({width, values}, [left, top, right, bottom]) {
  const part = grid(right - left, bottom - top);
  for (let y = top; y < bottom; y++) {
    part.values.set(values.subarray(y * width + left, y * width + right), (y - top) * part.width);
  }
  return part;
}
