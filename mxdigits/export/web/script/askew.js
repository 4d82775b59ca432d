// mxdigits/digitize/ink/askew.py: how far a picture of one digit lies askew, by its lines.

const LONG_LINE = 0.3;  // of the longer side: a line, or a piece that has some
const FARTHEST_ASKEW = 16;  // degrees
const LEAST_ASKEW = 2.5;  // degrees: lines less askew are taken away as they are
const ANGLE_STEPS = [[1, 128], [0.25, 256], [0.1, 320]];  // degrees, and rows on the longer side
const TRIED = 3;  // of the clearest angles: the clearest may be that of a stroke
const SMALL_ASKEW = 320;  // pixels of the longer side at which they are looked for
const WIDEST_LINE = 0.06;  // of the longer side, is a line: what is wider is ink or shadow
const COVERED_LINE = 0.8;  // of a line is inked
const THICKEST_ASKEW = 0.12;  // of its length
const AT_EDGE = 0.03;  // of the longer side: a line that ends so near the edge goes on beyond it
const LEAST_LINES = 3;  // that do not: a box has four

// How far the lines of a picture are turned clockwise, in degrees; 0 where none are clear.
function angleOfLines(pieces) {
  const places = thinStrokes(pieces);
  if (!places) return 0;
  const {ink} = pieces, coarse = anglesAround(0, FARTHEST_ASKEW, ANGLE_STEPS[0][0]);
  for (let best of clearest(places, coarse, ANGLE_STEPS[0][1], ink).slice(0, TRIED)) {
    for (let i = 1; i < ANGLE_STEPS.length; i++) {
      const [step, rows] = ANGLE_STEPS[i];
      [best] = clearest(places, anglesAround(best, ANGLE_STEPS[i - 1][0], step), rows, ink);
    }
    if (areLines(places, best, ink)) return Math.abs(best) >= LEAST_ASKEW ? best : 0;
  }
  return 0;
}

function anglesAround(middle, reach, step) {
  const far = rint(reach / step);
  return Array.from({length: 2 * far + 1}, (_, i) => middle + step * (i - far));
}

// The angles at which places lie in fewer rows and columns than beside, the best first.
function clearest(places, angles, rows, {width, height}) {
  const scale = Math.max(1, Math.max(width, height) / rows);
  const scaled = places.map(([x, y]) => [x / scale, y / scale]);
  const clear = angles.map((angle) => clearness(scaled, angle));
  const beside = (i) => (i < 0 || i >= clear.length ? -1 : clear[i]);
  const peaks = [...angles.keys()].filter((i) =>
    clear[i] >= beside(i - 1) && clear[i] >= beside(i + 1));
  return peaks.sort((i, j) => clear[j] - clear[i] || i - j).map((i) => angles[i]);
}

// Places [x, y] of thin strokes; null where nothing looks like a line or a box.
function thinStrokes(pieces) {
  const {width, height} = pieces.ink, side = Math.max(width, height);
  if (Math.min(width, height) < SMALLEST) return null;
  if (!pieces.all.some((piece) => mayBeLine(piece, LONG_LINE * side))) return null;
  // What is left of a stroke where its surroundings are at most so wide is no shadow.
  const small = reduced(pieces.ink, SMALL_ASKEW), most = Math.max(small.width, small.height);
  const around = 2 * rint(WIDEST_LINE * most / 2) + 1, minus = (one) => mapped(one, (v) => -v);
  const opened = highestAround(minus(highestAround(minus(small), around)), around);
  const places = [], scale = side / most;
  small.values.forEach((value, at) => {
    if (f32(value - opened.values[at]) <= INKED) return;
    const x = at % small.width, y = Math.floor(at / small.width);
    places.push([(x + 0.5) * scale, (y + 0.5) * scale]);
  });
  return places.length ? places : null;
}

// Places [along, across] level lines at an angle.
function seenAt(places, degrees) {
  const sine = Math.sin(degrees * Math.PI / 180), cosine = Math.cos(degrees * Math.PI / 180);
  return places.map(([x, y]) => [x * cosine + y * sine, y * cosine - x * sine]);
}

// How few rows and columns hold the places, at an angle.
function clearness(places, degrees) {
  const seen = seenAt(places, degrees);
  return [0, 1].reduce((sum, i) => sum + counted(seen.map((place) => rint(place[i]))).counts
    .reduce((total, count) => total + count ** 3, 0), 0);
}

// How many are of each number from the lowest on.
function counted(numbers) {
  const low = lowest(numbers), counts = new Float64Array(highest(numbers) - low + 1);
  for (const number of numbers) counts[number - low]++;
  return {low, counts};
}

// Whether there are lines at an angle: one from edge to edge, or as many as boxes have.
function areLines(places, degrees, {width, height}) {
  const side = Math.max(width, height), far = AT_EDGE * side;
  const lines = [0, 1].map((along) => linesAlong(places, degrees, along, side));
  const isBeside = ([x, y]) => x < far || y < far || x > width - 1 - far || y > height - 1 - far;
  if (lines.flat().some((ends) => ends.every(isBeside))) return true;
  return lines.flat().length >= LEAST_LINES && lines.every((each) => each.length);
}

// The ends of the level lines (`along` is 0) or the upright ones (1) at an angle.
function linesAlong(places, degrees, along, side) {
  const bin = Math.max(1, side / ANGLE_STEPS[1][1]), seen = seenAt(places, degrees), found = [];
  const rows = seen.map((place) => rint(place[1 - along] / bin)), {low, counts} = counted(rows);
  const least = 0.5 * highest(counts);
  for (let begin = 0, end; begin < counts.length; begin = end + 1) {
    for (end = begin; end < counts.length && counts[end] >= least;) end++;
    if (end === begin) continue;
    const which = [...rows.keys()].filter((i) => rows[i] - low >= begin && rows[i] - low < end);
    const at = Float64Array.from(which, (i) => seen[i][along]), long = highest(at) - lowest(at);
    const covered = new Set(at.map((each) => Math.floor(each / bin))).size * bin;
    if (long < LONG_LINE * side || covered < COVERED_LINE * long) continue;
    if ((end - begin) * bin > THICKEST_ASKEW * long + 2 * bin) continue;
    const first = at.indexOf(lowest(at)), last = at.indexOf(highest(at));
    found.push([places[which[first]], places[which[last]]]);
  }
  return found;
}

// mxdigits/digitize/ink/turning.py: ink turned back by so many degrees; -1 outside of the picture.
function turnedBack(ink, degrees) {
  const {width, height} = ink, angle = degrees * Math.PI / 180;
  const sine = Math.sin(angle), cosine = Math.cos(angle);
  const wide = Math.ceil(width * cosine + height * Math.abs(sine));
  const high = Math.ceil(height * cosine + width * Math.abs(sine));
  const left = width / 2 - (cosine * (wide / 2) - sine * (high / 2));
  const top = height / 2 - (sine * (wide / 2) + cosine * (high / 2));
  return seenThrough(ink, [cosine, -sine, left, sine, cosine, top, 0, 0], wide, high, -1);
}
