// mxdigits/digitize/boxes.py: frames, boxes, grids and underlines, taken away.

const LEAST_BOX = 16;  // pixels of a box's side: smaller ones are strokes
const THICKEST_LINE = 0.13;  // of a box's side
const STEEPEST_SIDE = 0.1;  // rise over run, 6 degrees
const STRAIGHT = 0.75;  // of a side's length: the rest may be crossed by strokes
const COVERED_BOX = 0.8;  // of the box from side to side
const BEYOND = 0.08;  // of what it underlines: by how much more a line is longer on either side
const ABOVE = 0.6;  // of a piece's height, stands on the line
const ROW = 1.8;  // width over height of several digits on a line
const PROTRUDING = 0.12;  // of a piece's height: a stroke may go so far beyond the box
const LEFT_IN_BOX = 0.01;  // of a box's area: less ink than that in it is no digit

// The ink without boxes and underlines; null where there are none.
function withoutBoxes(pieces) {
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
    const cutOff = [top === 0, bottom === ink.height, left === 0, right === width];
    const lines = linesOf(mask, cutOff);
    if (!lines) continue;
    const part = withoutLines(cutOut(pieces, [piece]), ...lines);
    cleaned ||= grid(width, ink.height, ink.values.slice());
    part.values.forEach((value, i) => {
      const at = (top + Math.floor(i / wide)) * width + left + i % wide;
      if (mask.values[i]) cleaned.values[at] = value;
    });
  }
  const largest = highest(all.map(({wide, high}) => wide * high));
  return cleaned && cleaned.values.reduce((sum, v) => sum + v, 0) >= LEFT_IN_BOX * largest
    ? cleaned : null;
}

function reversedRows({width, height, values}) {
  const made = grid(width, height, new values.constructor(values.length));
  for (let y = 0; y < height; y++) {
    made.values.set(values.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  }
  return made;
}

// The level and the upright lines of a piece that is a box or has an underline; null for others.
function linesOf(mask, cutOff) {
  const turned = transposed(mask), {width, height} = mask;
  const slopes = [mask, reversedRows(mask), turned, reversedRows(turned)].map(sideSlope);
  const signs = [1, -1, -1, 1];
  const known = slopes.map((each, i) => (each === null ? null : signs[i] * each))
    .filter((each) => each !== null);
  if (!known.length) return null;
  const slope = median(Float64Array.from(known));
  const level = linesThrough(mask, slope), upright = linesThrough(turned, -slope);
  const there = [...atEnds(level, height, width), ...atEnds(upright, width, height)];
  const closed = there.every((line, i) => line || cutOff[i]);
  const both = level.bands.length && upright.bands.length;
  if (closed && there.filter(Boolean).length >= 2 && both) {
    const thick = lowest([...level.bands, ...upright.bands].map(([begin, end]) => end - begin));
    return [asThin(level, thick, height), asThin(upright, thick, width)];
  }
  const bands = level.bands.filter((band) => underlines(mask, band, slope));
  return bands.length ? [{slope, bands}, {slope: 0, bands: []}] : null;
}

// Whether there are lines near the first and the last rows of a piece.
function atEnds({slope, bands}, height, width) {
  const reach = 2 + Math.abs(slope) * width / 2 + PROTRUDING * height;
  return [bands.some(([begin]) => begin <= reach), bands.some(([, end]) => end >= height - reach)];
}

// Lines no thicker than the thinnest of a box: along the others lies a stroke, or they are one.
function asThin({slope, bands}, thick, height) {
  const most = 2 + rint(1.5 * thick), kept = [];
  for (const [begin, end] of bands) {
    if (end - begin <= most) kept.push([begin, end]);
    else if (begin <= PROTRUDING * height) kept.push([begin, begin + most]);
    else if (end >= (1 - PROTRUDING) * height) kept.push([end - most, end]);
  }
  return {slope, bands: kept};
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
  if (Math.abs(slope) > STEEPEST_SIDE) return null;
  return Math.min(straight, fittedLine(outer, some)[1]) < STRAIGHT ? null : slope;
}

// The line along rows of columns: its slope, and how many of them lie on it.
function fittedLine(rows, some) {
  const width = rows.length, third = Math.max(1, Math.floor(width / 3));
  const rise = median(rows.slice(-third)) - median(rows.slice(0, third));
  const slope = rise / Math.max(1, width - third);
  const places = rows.map((row, x) => row - slope * x), middle = median(places);
  let near = 0;
  places.forEach((place, x) => { near += some[x] && Math.abs(place - middle) <= 1 + 0.01 * width; });
  return [slope, near / width];
}

// The lines of a slope that run through a piece from side to side.
function linesThrough({width, height, values}, slope) {
  const covered = new Float64Array(height);
  const shifts = Array.from({length: width}, (_, x) => offset(x, slope, width));
  for (let y = 0; y < height; y++) {
    let hit = 0, seen = 0;
    for (let x = 0; x < width; x++) {
      const row = y + shifts[x];
      if (row < 0 || row >= height) continue;
      seen++;
      if (values[row * width + x]) hit++;
    }
    // The sides of a box that lies askew are shorter than the rows of what it is cut out by.
    const long = Math.max(1, Math.min(seen, width - Math.abs(slope) * height));
    covered[y] = 3 * seen > width ? hit / long : 0;
  }
  const thickest = Math.max(4, 1 + rint(THICKEST_LINE * Math.min(height, width)));
  return {slope, bands: bandsOf(covered, thickest, COVERED_BOX)};
}

// Whether a line is the lower end of a piece, and longer than what stands on it.
function underlines({width, height, values}, [begin], slope) {
  const rows = Math.max(0, begin - 2 - rint(Math.abs(slope) * width / 2));
  if (rows < ABOVE * height) return false;
  let first = width, last = -1;
  for (let at = 0; at < rows * width; at++) {
    if (!values[at]) continue;
    first = Math.min(first, at % width);
    last = Math.max(last, at % width);
  }
  if (last < 0) return false;
  return Math.min(first, width - 1 - last) >= BEYOND * (last + 1 - first) || width >= ROW * rows;
}
