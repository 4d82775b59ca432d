// mxdigits/digitize/lines/boxes.py: frames, boxes, grids and underlines, taken away.

const LEAST_BOX = 16;  // pixels of a box's side: smaller ones are strokes
const THICKEST_LINE = 0.13;  // of a box's side
const STEEPEST_SIDE = 0.1;  // rise over run, 6 degrees
const STRAIGHT = 0.75;  // of a side's length: the rest may be crossed by strokes
const COVERED_BOX = 0.8;  // of the box from side to side
const ROW_COVERED = 0.9;  // of that, covers each row of a line: the bar of a 7 beside it covers less
const WITH_A_BAR = 3;  // times as thick as a line: it and the bar of a 7 that lies along it
const PROTRUDING = 0.12;  // of a piece's height: a stroke may go so far beyond the box
const LONG_ROW = 4, PROTRUDING_ROW = 0.3;  // widths to a height, of which lines are no strokes
const ACROSS = 0.96;  // of a box from side to side, is what divides it; a 1 in it is shorter
const WIDEST_CELL = 1.3;  // width over height of a box for one digit
const LEAST_EVEN = 4;  // inner lines, of which one may be seen to lie beside the places of the others
const OFF_STEP = 0.12;  // of a cell's width: how far a line of even cells may lie from its place
const MOST_HELD = 0.75;  // of these places have a line
const TOUCHED = 0.5;  // of a side's length: the rest of its inner edge may be met by strokes

// The ink without boxes and underlines; null where there are none.
// `outside` is what is no part of the picture, once it was turned.
function withoutBoxes(pieces, outside = null) {
  const {ink, numbers, all} = pieces, {width} = ink;
  let cleaned = null;
  for (const piece of all) {
    const {box: [left, top, right, bottom], wide, high, area, number} = piece;
    if (Math.min(wide, high) < LEAST_BOX || area >= 0.6 * wide * high) continue;
    const mask = grid(wide, high, new Uint8Array(wide * high));
    for (let y = 0, to = 0; y < high; y++) {
      for (let x = 0; x < wide; x++, to++) {
        mask.values[to] = numbers.values[(top + y) * width + left + x] === number;
      }
    }
    let cutOff = [top === 0, bottom === ink.height, left === 0, right === width], within = null;
    if (outside) {
      within = grid(wide, high, new Uint8Array(wide * high));
      for (let y = 0, to = 0; y < high; y++) {
        for (let x = 0; x < wide; x++, to++) {
          within.values[to] = !outside.values[(top + y) * width + left + x];
        }
      }
      if (!within.values.every(Boolean)) cutOff = bareSides(within).map((bare, i) => bare || cutOff[i]);
    }
    const lines = linesOf(mask, cutOff, within, Math.max(width, ink.height) >= SMALLEST);
    if (!lines) continue;
    const part = withoutLines(cutOut(pieces, [piece]), ...lines);
    cleaned ||= grid(width, ink.height, ink.values.slice());
    part.values.forEach((value, i) => {
      const at = (top + Math.floor(i / wide)) * width + left + i % wide;
      if (mask.values[i]) cleaned.values[at] = value;
    });
  }
  return cleaned;
}

// At which sides a good part of a box lies outside of the picture: top, bottom, left, right.
function bareSides(inside) {
  const turned = transposed(inside);
  return [inside, reversedRows(inside), turned, reversedRows(turned)].map(({width, height, values}) => {
    const reach = 1 + rint(PROTRUDING * height);
    let bare = 0;
    for (let x = 0; x < width; x++) {
      for (let y = 0; y < Math.min(reach, height); y++) {
        if (!values[y * width + x]) { bare++; break; }
      }
    }
    return bare / width > 1 - COVERED_BOX;
  });
}

function reversedRows({width, height, values}) {
  const made = grid(width, height, new values.constructor(values.length));
  for (let y = 0; y < height; y++) {
    made.values.set(values.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  }
  return made;
}

// The level and the upright lines of a piece that is a box or may have an underline; null for others.
function linesOf(mask, cutOff, inside, underlined) {
  const turned = transposed(mask), {width, height} = mask;
  const slopes = [mask, reversedRows(mask), turned, reversedRows(turned)].map(sideSlope);
  const signs = [1, -1, -1, 1];
  let total = 0, lengths = 0;  // of a longer side the slope is known better
  slopes.forEach((each, i) => {
    if (each === null) return;
    const length = (i < 2 ? width : height) ** 2;
    total += length * signs[i] * each;
    lengths += length;
  });
  if (!lengths) return null;
  const slope = total / lengths;
  const level = linesThrough(mask, slope, inside);
  const cells = transposed(cellsOf(level, mask, inside));
  const upright = linesThrough(turned, -slope, cells);
  const there = [...atEnds(level, height, width), ...atEnds(upright, width, height)];
  const closed = there.every((line, i) => line || cutOff[i]);
  const thick = lowest([...level.bands, ...upright.bands].map(([begin, end]) => end - begin));
  const both = level.bands.length && upright.bands.length && thick <= thickestLine(mask);
  if (closed && there.filter(Boolean).length >= 2 && both) {
    // One upright line in a box that is no wider than a cell is a 1 that fills it.
    const least = width < WIDEST_CELL * height ? 2 : 1;
    return [asThin(level, thick, mask), asThin(upright, thick, turned, least, cells)];
  }
  if (!underlined) return null;
  const thin = level.bands.filter(([begin, end]) => end - begin <= thickestLine(mask));
  const bands = thin.filter((band) => isUnderline(mask, band, slope));
  return bands.length ? [{slope, bands}, {slope: 0, bands: []}] : null;
}

// What lies between level lines that are apart as those of cells are; all where none are.
function cellsOf({slope, bands}, {width, height}, inside) {
  const cells = grid(width, height, new Uint8Array(width * height));
  const gaps = bands.slice(1).map(([below], i) => [bands[i][1], below])
    .filter(([above, below]) => below - above >= LEAST_BOX);
  for (let x = 0; x < width; x++) {
    const shift = offset(x, slope, width);
    for (const [above, below] of gaps) {
      const end = Math.min(height, below - 1 + shift);
      for (let y = Math.max(0, above + 1 + shift); y < end; y++) cells.values[y * width + x] = 1;
    }
  }
  if (!cells.values.some(Boolean)) cells.values.fill(1);
  if (inside) cells.values.forEach((value, i) => { if (!inside.values[i]) cells.values[i] = 0; });
  return cells;
}

// Whether there are lines near the first and the last rows of a piece.
function atEnds({slope, bands}, height, width) {
  const share = width >= LONG_ROW * height ? PROTRUDING_ROW : PROTRUDING;
  const reach = 2 + Math.abs(slope) * width / 2 + share * height;
  return [bands.some(([begin]) => begin <= reach), bands.some(([, end]) => end >= height - reach)];
}

// Lines no thicker than the thinnest of a box: along the others lies a stroke, or they are one.
// What lies inside the box is one of its lines only where it divides the box all the way, and at
// least so many do.
function asThin({slope, bands}, thick, mask, least = 1, within = null) {
  const most = 2 + rint(1.5 * thick), {width, height} = mask, kept = [];
  const reach = 2 + Math.abs(slope) * width / 2 + PROTRUDING * Math.min(height, width);
  const covered = coverageOf(mask, slope, within);
  // Beside the outermost line of a side lies no other: the bar of a 7 does.
  const outer = [...bands.slice(0, 1).filter(([begin]) => begin <= reach),
    ...bands.slice(-1).filter(([, end]) => end >= height - reach)];
  const inner = bands.filter((band) => !outer.includes(band));
  let across = inner.filter(([begin, end]) => highest(covered.subarray(begin, end)) >= ACROSS);
  across = across.length >= least ? inStep(across, bands) : [];
  for (const band of bands) {
    let [begin, end] = band;
    if (inner.includes(band) && !across.includes(band)) continue;
    // A row that is not inked all along, beyond those of a line, is a stroke's.
    if (begin <= reach) while (end - begin > thick + 1 && covered[end - 1] < ACROSS) end--;
    if (end >= height - reach) while (end - begin > thick + 1 && covered[begin] < ACROSS) begin++;
    // Cells with a frame each have lines twice as thick between them.
    if (end - begin <= most + (across.includes(band) ? thick : 0)) kept.push([begin, end]);
    else if (begin <= reach) kept.push([begin, begin + most]);
    else if (end >= height - reach) kept.push([end - most, end]);
  }
  return {slope, bands: kept};
}

// Of a box's inner lines those that divide it evenly, if most places of even cells have one.
function inStep(inner, bands) {
  if (inner.length < LEAST_EVEN) return inner;
  const middleOf = ([begin, end]) => (begin + end) / 2, middles = inner.map(middleOf);
  const first = middleOf(bands[0]), last = middleOf(bands.at(-1)), ends = [first, ...middles, last];
  const gap = median(Float64Array.from(ends.slice(1), (end, i) => end - ends[i]));
  const cells = Math.max(1, rint((last - first) / gap));
  const places = middles.map((middle) => (middle - first) * cells / (last - first));
  const near = places.map((place) => Math.abs(place - rint(place)) <= OFF_STEP);
  const held = new Set(places.filter((_, i) => near[i]).map(rint)).size;
  return held >= MOST_HELD * (cells - 1) ? inner.filter((_, i) => near[i]) : inner;
}

// The slope of the upper side of a piece, if it is a thin straight line; null if not.
function sideSlope({width, height, values}) {
  const outer = new Float64Array(width), inner = new Float64Array(width).fill(height);
  const some = new Uint8Array(width), thick = [];
  for (let x = 0; x < width; x++) {
    let y = 0;
    while (y < height && !values[y * width + x]) y++;
    some[x] = y < height;
    if (!some[x]) y = 0;
    outer[x] = y;
    for (y++; y < height; y++) if (!values[y * width + x]) { inner[x] = y; break; }
    if (some[x]) thick.push(inner[x] - outer[x]);
  }
  const usual = median(Float64Array.from(thick));
  if (usual > Math.max(3, THICKEST_LINE * Math.min(height, width)) || usual > 0.4 * height) return null;
  const [slope, straight] = fittedLine(inner, some);
  if (Math.abs(slope) > STEEPEST_SIDE || straight < TOUCHED) return null;
  return fittedLine(outer, some)[1] < STRAIGHT ? null : slope;
}

// The line along rows of columns: its slope, and how many of them lie on it.
function fittedLine(rows, some) {
  const width = rows.length, third = Math.max(1, Math.floor(width / 3));
  const rise = median(rows.slice(-third)) - median(rows.slice(0, third));
  let slope = rise / Math.max(1, width - third);
  const first = nearLine(rows, slope), columns = [];
  first.forEach((near, x) => { if (near && some[x]) columns.push(x); });
  if (columns.length > 2) {  // the medians are whole pixels: least squares are more exact
    const middle = columns.reduce((sum, x) => sum + x, 0) / columns.length;
    let products = 0, squares = 0;
    for (const x of columns) {
      products += (x - middle) * rows[x];
      squares += (x - middle) ** 2;
    }
    slope = products / squares;
  }
  const second = nearLine(rows, slope);
  return [slope, columns.filter((x) => second[x]).length / width];
}

function nearLine(rows, slope) {
  const places = rows.map((row, x) => row - slope * x), middle = median(places);
  return Array.from(places, (place) => Math.abs(place - middle) <= 1 + 0.01 * rows.length);
}

// The lines of a slope that run through a piece from side to side.
function linesThrough(mask, slope, inside) {
  const covered = coverageOf(mask, slope, inside);
  return {slope, bands: bandsOf(covered, WITH_A_BAR * thickestLine(mask), COVERED_BOX, ROW_COVERED)};
}

// How many rows a line of a piece has at most.
const thickestLine = ({width, height}) =>
  1 + Math.max(4, 1 + rint(THICKEST_LINE * Math.min(height, width)));

// Of the line with a slope through each row of a piece, the share that is inked.
function coverageOf({width, height, values}, slope, inside = null) {
  const covered = new Float64Array(height);
  const shifts = Array.from({length: width}, (_, x) => offset(x, slope, width));
  for (let y = 0; y < height; y++) {
    let hit = 0, seen = 0;
    for (let x = 0; x < width; x++) {
      const row = y + shifts[x];
      if (row < 0 || row >= height || (inside && !inside.values[row * width + x])) continue;
      seen++;
      // A thin line that is askew goes in steps.
      if (values[row * width + x] || (row && values[(row - 1) * width + x])) hit++;
    }
    // The sides of a box that lies askew are shorter than the rows of what it is cut out by.
    const long = Math.max(1, Math.min(seen, width - Math.abs(slope) * height));
    covered[y] = 3 * seen > width ? hit / long : 0;
  }
  return covered;
}

