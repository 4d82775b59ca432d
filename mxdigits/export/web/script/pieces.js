// mxdigits/digitize/ink/pieces.py: the pieces of ink in a picture, and which of them look written.

const SEEN = f32(0.2), SURE = 0.6;  // a stroke is inked more than the one, and somewhere the other

const LONGEST_STROKES = 5;  // of the longer side: noise is a tangle of strokes
const STOUTEST = 2.7, STOUTEST_SURE = 3.2;  // sides over the pen's thickness: no digit; a digit
const LEAST_THIN = 12;  // times as long as its pen is thick
const SOFTEST = 0.69, SOFTEST_CUT = 0.76;  // darkness: shadows have no edge, and reach the picture's
const SOFTEST_AT_ALL = 0.3;  // darkness, of what surely looks like a digit
const FLATTEST = 5;  // width over height: more may be a line
const STRAIGHTEST = 1.2;  // of the width: the strokes of a line are not longer
const THINNEST_FOLD = 16;  // times as long as thick, straight from edge to edge: a fold is no stroke
const SHORT_FOLD = 8;  // the same of a soft one over a corner of the picture
const SMALL_FOLD = 28;  // pixels of the longer side at which a fold is seen to be straight
const LEAST_FOLD = 0.3;  // height over width, 17 degrees
const CUT_SHADOW = 0.3;  // of a piece's longer side, runs along the picture's edge: a shadow
const ALONG = 0.8, LEAST_ALONG = 0.4;  // of that, and of the edge: along one alone, however dark
const SOLID_THING = 0.8;  // of its box, is inked: a thing, or a line that is level or upright
const CORNER = 0.9;  // of both its sides, runs along two edges that meet: a shadow over a corner
const LEAST_SHADOWED = 200;  // pixels of the longer side of a picture that may hold a shadow
const CUT_SURE = 0.93;  // darkness: what the edge cuts, and is as dark, has edges as strokes have
const SMALLEST_DIGIT = 8;  // pixels of the longer side of a digit, or
const LEAST_SHARE = 0.006, MOST_SHARE = 0.2;  // of the picture's, if that is more, or less
const LEAST_ALONE = 0.011;  // of the picture's, for the digit of a picture of one
// As many specks to a digit, of such a share of its size or more, make it one of them.
const DIRT = [[0.5, 10], [0.25, 40]];
const SPECK = 0.5, MOST_SPECKS = 50, HEAVIER = 2;  // of a digit's length; so many, times as heavy: noise

// Whatever hangs together and is somewhere surely ink: of each its number in `numbers`, its box,
// mass, darkness, area in pixels and border in sides of pixels. `outside` is what is no part of the
// picture, once it was turned.
function piecesOf(ink, outside = null) {
  const {numbers, count} = label(grid(ink.width, ink.height, ink.values.map((v) => v > SEEN)));
  const mass = new Float64Array(count + 1), square = new Float64Array(count + 1);
  const sure = new Uint8Array(count + 1), area = new Int32Array(count + 1);
  ink.values.forEach((value, i) => {
    const which = numbers.values[i];
    mass[which] += value;
    square[which] += value ** 2;
    area[which]++;
    if (which && value > SURE) sure[which] = 1;
  });
  const border = bordersOf(numbers, count), frames = boxes(numbers, count), all = [];
  const atEdge = outside ? atTurnedEdgesOf(numbers, count, outside) : atEdgesOf(numbers, count);
  for (let number = 1; number <= count; number++) {
    if (!sure[number]) continue;
    const box = frames[number - 1], [wide, high] = [box[2] - box[0], box[3] - box[1]];
    all.push({
      number, box, wide, high, long: Math.max(wide, high), mass: mass[number], area: area[number],
      darkness: square[number] / mass[number], border: border[number],
      strokes: border[number] * Math.PI / 8, atEdge: atEdge.map((edge) => edge[number]),
    });
  }
  return {ink, numbers, all};
}

// The sides of pixels at which each piece ends; outside there is none.
function bordersOf({width, height, values}, count) {
  const border = new Int32Array(count + 1);
  const at = (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? values[y * width + x] : 0);
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      const here = at(x, y);
      for (const other of [at(x - 1, y), at(x, y - 1)]) {
        if (here !== other) { border[here]++; border[other]++; }
      }
    }
  }
  return border;
}

// Of each edge of the picture, left, top, right and bottom, the pixels of each piece there.
function atEdgesOf({width, height, values}, count) {
  const sides = Array.from({length: 4}, () => new Int32Array(count + 1)), last = (height - 1) * width;
  for (let x = 0; x < width; x++) { sides[1][values[x]]++; sides[3][values[last + x]]++; }
  for (let at = 0; at < values.length; at += width) {
    sides[0][values[at]]++;
    sides[2][values[at + width - 1]]++;
  }
  return sides;
}

// The same of a picture that was turned: its edges go in steps, whose corners lie at two of them, and
// count for neither.
function atTurnedEdgesOf({width, height, values}, count, outside) {
  const sides = Array.from({length: 4}, () => new Int32Array(count + 1));
  const bare = (x, y) => x < 0 || y < 0 || x >= width || y >= height || outside.values[y * width + x];
  values.forEach((number, at) => {
    if (!number) return;
    const x = at % width, y = (at - x) / width;
    const beside = [bare(x - 1, y), bare(x, y - 1), bare(x + 1, y), bare(x, y + 1)];
    if ((beside[0] || beside[2]) && (beside[1] || beside[3])) return;
    beside.forEach((is, i) => { if (is) sides[i][number]++; });
  });
  return sides;
}

const isTangled = ({strokes, long}) => strokes > LONGEST_STROKES * long;

const isLine = ({wide, high, strokes}) => strokes <= STRAIGHTEST * wide && wide > FLATTEST * high;

const isStout = ({long, strokes, area}, least) => long * strokes < least * area;

// Which edges of the picture a piece reaches: left, top, right, bottom.
const reached = ({atEdge}) => atEdge.map((each) => each > 0);

const reachesEdge = (piece) => reached(piece).some(Boolean);

// Whether a piece is as long, and cut off by the picture's edge or thinner than a digit.
const mayBeLine = (piece, long) => piece.long >= long
  && (piece.long * piece.strokes >= LEAST_THIN * piece.area || reachesEdge(piece));

// Whether a piece is a thin straight line, at any angle, from edge to edge of the picture.
function isFold(piece, pieces) {
  const {wide, high, border, area, darkness} = piece;
  const cut = reached(piece), over = cut.filter((is, i) => is && !cut[(i + 2) % 4]).length === 2;
  const thinnest = over && darkness < CUT_SURE ? SHORT_FOLD : THINNEST_FOLD;
  // A straight line has as many sides of pixels as its box, whatever its angle.
  return border <= STRAIGHTEST * 2 * (wide + high) && thinnest * area < wide ** 2 + high ** 2
    && cut.filter(Boolean).length >= 2
    // A digit that crosses a long line makes it no wider on average.
    && isStraight(reduced(cutOut(pieces, [piece]), SMALL_FOLD));
}

// The ink without folds, but for level ones, that a rule may be as well; null where there are none.
const withoutFolds = (pieces) =>
  withoutSome(pieces, (piece) => isFold(piece, pieces) && piece.high > LEAST_FOLD * piece.wide);

// The ink without folds, level ones too, and what the picture's edge cuts off as no stroke; null where
// there is none of it.
const withoutCutOff = (pieces) =>
  withoutSome(pieces, (piece) =>
    isFold(piece, pieces) || isCutShadow(piece, pieces.numbers) || mayLieAtEdge(piece));

// Whether a piece runs along an edge of the picture, or is solid and reaches it, as no stroke does.
const mayLieAtEdge = (piece) => piece.atEdge.some((each) => each >= ALONG * piece.long)
  || reachesEdge(piece) && piece.area >= SOLID_THING * piece.wide * piece.high;

function withoutSome({ink, numbers, all}, are) {
  const gone = new Set(all.filter(are).map((piece) => piece.number));
  return gone.size ? mapped(ink, (value, at) => (gone.has(numbers.values[at]) ? 0 : value)) : null;
}

// Whether the picture's edge cuts a piece off as it does no stroke, along much of it.
function isCutShadow(piece, shape) {
  if (Math.max(shape.width, shape.height) < LEAST_SHADOWED) return false;
  // A digit that is cut out close reaches edges too, as do soft strokes of small pictures.
  const at = reached(piece), both = at.map((is, i) => is && at[(i + 2) % 4]);
  const {atEdge, wide, high, long, darkness} = piece, all = atEdge.reduce((sum, each) => sum + each);
  const whole = atEdge.map((each, i) => each >= CORNER * (i % 2 ? wide : high));
  return (all >= CUT_SHADOW * long && !both.some(Boolean) && darkness < CUT_SURE)
    || atEdge.some((each, i) => each >= ALONG * long && !both[i]
      && each >= LEAST_ALONG * (i % 2 ? shape.width : shape.height))
    || (whole.some((is, i) => is && whole[(i + 3) % 4]) && !both.every(Boolean));
}

// Whether a piece may be strokes of a pen: neither noise, nor shadow, nor a line or a fold.
function looksWritten(piece, pieces) {
  const softest = reachesEdge(piece) ? SOFTEST_CUT : SOFTEST;
  const none = isTangled(piece) || isLine(piece) || isFold(piece, pieces)
    || isCutShadow(piece, pieces.numbers);
  return !none && piece.darkness >= softest;
}

// Whether a piece may be strokes of a pen if it looks like a digit: all but shadows.
const mayBeWritten = (piece, {numbers}) =>
  !isCutShadow(piece, numbers) && piece.darkness >= SOFTEST_AT_ALL;

// Whether a piece may be the digit of a picture of one digit, or the most of it.
function isLarge(piece, {numbers: {width, height}}) {
  const side = Math.max(width, height);
  const smallest = Math.min(Math.max(SMALLEST_DIGIT, LEAST_SHARE * side), MOST_SHARE * side);
  return piece.long >= smallest && piece.long >= LEAST_ALONE * side && !isStout(piece, STOUTEST);
}

// Whether a digit, `long` pixels long, is lost among specks of such a size.
function amongDirt({all}, long) {
  const specks = all.filter((piece) => isStout(piece, STOUTEST_SURE));
  return DIRT.some(([share, most]) =>
    specks.filter((piece) => piece.long >= share * long).length >= most);
}

// Whether the pieces of a digit are lost among many smaller ones, which are heavier together.
function amongNoise({all}, group) {
  const [left, top, right, bottom] = group.map((piece) => piece.box).reduce(around);
  const small = all.filter(({long}) => long <= SPECK * Math.max(right - left, bottom - top));
  const massOf = (some) => some.reduce((sum, {mass}) => sum + mass, 0);
  return small.length >= MOST_SPECKS && massOf(small) >= HEAVIER * massOf(group);
}

// The ink of several pieces alone, in their box.
function cutOut({ink, numbers}, group) {
  const [left, top, right, bottom] = group.map((piece) => piece.box).reduce(around);
  const cut = grid(right - left, bottom - top), theirs = new Set(group.map((piece) => piece.number));
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, to++) {
      const at = y * ink.width + x;
      if (theirs.has(numbers.values[at])) cut.values[to] = ink.values[at];
    }
  }
  return cut;
}
