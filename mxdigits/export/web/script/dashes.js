// mxdigits/digitize/lines/dashes.py: dashed and dotted lines, at any angle.

const SHORT = 0.4;  // of the usual length of a piece, is a dash
const LEAST_DASHES = 8;  // to a line, which is so many times as long as one of them
const SOLID = 0.5;  // of its box, is inked of a dash
const HOLLOW = 0.5;  // of their box at most, do lines cover; or they are but so many dashes wide
const NARROW = 4;
const MANY_DASHES = 60;  // in lines, by which others are known
const ALIKE = 0.5;  // of a dash's length and thickness: how far another differs at most

// The ink without dashed lines; null where there are none.
function withoutDashes({ink, numbers, all}) {
  if (all.length <= LEAST_DASHES) return null;
  const longs = all.map(({long}) => long).sort((one, other) => one - other);
  const half = longs.reduce((sum, long) => sum + long ** 3, 0) / 2;  // a digit counts more than its dashes
  let total = 0;
  const usual = longs.find((long) => (total += long ** 3) >= half);
  const short = all.filter(({long, wide, high, area}) =>
    long <= SHORT * usual && area >= SOLID * wide * high);
  if (short.length < LEAST_DASHES) return null;
  const dash = median(Float64Array.from(short, ({long}) => long));
  const lines = dashesInLines(numbers, short, dash);
  if (!lines.size) return null;
  if (lines.size >= MANY_DASHES) for (const {number} of alikeTo(lines, short)) lines.add(number);
  return grid(ink.width, ink.height, ink.values.map((value, i) => (lines.has(numbers.values[i]) ? 0 : value)));
}

// The pieces that are as long and as thick as dashes in lines: the short sides of boxes have few.
function alikeTo(lines, short) {
  const thickOf = ({wide, high}) => Math.min(wide, high);
  const known = short.filter(({number}) => lines.has(number));
  const usual = median(Float64Array.from(known, ({long}) => long));
  const thick = median(Float64Array.from(known, thickOf));
  return short.filter((piece) => Math.abs(piece.long - usual) <= ALIKE * usual
    && Math.abs(thickOf(piece) - thick) <= Math.max(1, ALIKE * thick));
}

// The numbers of those dashes that lie in lines; one of them is about `dash` pixels long.
function dashesInLines(numbers, short, dash) {
  const {width, height, values} = numbers, wanted = new Set(short.map(({number}) => number));
  const around = 2 * Math.ceil(dash / 2) + 1;
  const mask = grid(width, height, Float32Array.from(values, (number) => (wanted.has(number) ? 1 : 0)));
  const grown = highestAround(mask, around), groups = label(grown), frames = boxes(groups.numbers, groups.count);
  const area = new Float64Array(groups.count + 1), members = Array.from(area, () => []), seen = new Set();
  // Of what lies between dashes only: lines of small boxes, each grown, would cover a whole form.
  const between = lowestAround(grown, around);
  groups.numbers.values.forEach((group, at) => {
    if (between.values[at]) area[group]++;
    if (!mask.values[at] || seen.has(values[at])) return;
    seen.add(values[at]);
    members[group].push(values[at]);
  });
  const inLines = frames.flatMap(([left, top, right, bottom], i) => {
    const [wide, high] = [right - left, bottom - top];
    const hollow = area[i + 1] <= HOLLOW * wide * high, least = LEAST_DASHES * dash;
    const line = Math.max(wide, high) >= least && (hollow || Math.min(wide, high) <= NARROW * around);
    // A box has two sides that go on around a corner.
    const box = hollow && wide + high >= least;
    return (line || box) && members[i + 1].length >= LEAST_DASHES ? members[i + 1] : [];
  });
  return new Set(inLines);
}
