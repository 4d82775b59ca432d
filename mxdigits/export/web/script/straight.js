// mxdigits/digitize/ink/straight.py: lines that are no digit, of shadows, folds, sheets and rules.

const STRAIGHTEST_LINE = 0.03;  // of its variance along it, has a line across
const CORNER_SIDE = 28;  // pixels of the longer side at which a corner is looked for
const CORNER_INKED = f32(0.4);  // of the darkest ink there
const MOST_UNEVEN = 1.5;  // of these pixels from it, a straight line reaches
const MOST_BENT = 3;  // of these pixels from straight lines: the strokes of a 7 are bent by more
const CORNER_ANGLES = [75, 105];  // degrees at a sheet's corner; that of most sevens is less
const LEAST_CORNER = 6;  // of these pixels: the flag of a 1 is shorter
const FLAT_BIT = 2;  // times as long as wide: a bit of a line
const BESIDE_BIT = 2;  // pixels to both sides of it: a line may lie askew
const BIT_GOES_ON = 0.8;  // of as many pixels before and behind it, are inked
const BIT_AS_WIDE = 1.6;  // times as wide as what goes on: a digit that touches a thin line is wider

// Whether a small image of ink shows no more than a straight line.
function isStraight({width, values}) {
  const mass = values.reduce((sum, value) => sum + value, 0);
  const mean = (valueAt) => values.reduce((sum, value, i) =>
    sum + value / mass * valueAt(i % width, Math.floor(i / width)), 0);
  const x0 = mean((x) => x), y0 = mean((_, y) => y);
  const level = mean((x) => (x - x0) ** 2), upright = mean((_, y) => (y - y0) ** 2);
  const askew = mean((x, y) => (x - x0) * (y - y0));
  const middle = (level + upright) / 2, apart = Math.hypot((level - upright) / 2, askew);
  return middle - apart < STRAIGHTEST_LINE * (middle + apart);
}

// Whether ink is a straight line, or two that meet at about a right angle at their ends;
// `line` says whether it may be one.
function isLineOrCorner(ink, line) {
  const small = reduced(ink, CORNER_SIDE), least = f32(CORNER_INKED * highest(small.values));
  const places = [];
  small.values.forEach((value, i) => {
    if (value > least) places.push([i % small.width, Math.floor(i / small.width)]);
  });
  let far = -1, one, other;
  for (const here of places) {
    for (const there of places) {
      const apart = (here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2;
      if (apart > far) [far, one, other] = [apart, here, there];
    }
  }
  const from = ([x, y], [left, top]) => [x - left, y - top], to = from(other, one);
  const across = places.map((place) => from(place, one)).map(([x, y]) => Math.abs(x * to[1] - y * to[0]));
  if (highest(across) <= MOST_UNEVEN * Math.hypot(...to)) return line;
  const corner = places[indexOfHighest(across)];
  const sides = [from(one, corner), from(other, corner)], lengths = sides.map((side) => Math.hypot(...side));
  if (Math.min(...lengths) < LEAST_CORNER) return false;
  const product = sides[0][0] * sides[1][0] + sides[0][1] * sides[1][1];
  const angle = Math.acos(product / (lengths[0] * lengths[1])) * 180 / Math.PI;
  const bent = highest(places.map((place) =>
    Math.min(...sides.map((side) => farFrom(from(place, corner), side)))));
  return CORNER_ANGLES[0] <= angle && angle <= CORNER_ANGLES[1] && bent <= MOST_BENT;
}

// How far a place lies from the line from (0, 0) to an end.
function farFrom([x, y], [toX, toY]) {
  const share = clipped((x * toX + y * toY) / (toX ** 2 + toY ** 2), 0, 1);
  return Math.hypot(x - share * toX, y - share * toY);
}

// Whether a box holds a bit of a line that goes on at both ends as far again as it is long.
// A digit that is much wider than the lines that run on from it is no bit of them.
function goesOn({width, height, values}, [left, top, right, bottom]) {
  const level = bottom - top < right - left, [beyond, across] = level ? [width, height] : [height, width];
  const [first, begin, last, end] = level ? [top, left, bottom, right] : [left, top, right, bottom];
  const long = end - begin;
  if (long < FLAT_BIT * (last - first)) return false;
  // How many rows are inked, and how many pixels of a row, on average.
  const inkedIn = (from, to) => {
    let rows = 0, pixels = 0;
    for (let row = from; row < to; row++) {
      const before = pixels;
      for (let at = Math.max(0, first - BESIDE_BIT); at < Math.min(across, last + BESIDE_BIT); at++) {
        pixels += values[level ? at * width + row : row * width + at] > INKED;
      }
      rows += pixels > before;
    }
    return {goesOn: to > from && rows / (to - from) >= BIT_GOES_ON, wide: pixels / (to - from)};
  };
  const before = inkedIn(Math.max(0, begin - long), begin), behind = inkedIn(end, Math.min(beyond, end + long));
  return before.goesOn && behind.goesOn
    && inkedIn(begin, end).wide <= BIT_AS_WIDE * Math.max(before.wide, behind.wide);
}
