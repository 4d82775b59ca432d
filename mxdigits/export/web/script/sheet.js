// mxdigits/digitize/paper/sheet.py and quadrilaterals.py: the sheet of paper in a picture, found and straightened.

const SMALL_SHEET = 128;  // pixels of the longer side at which sheets are looked for
const LEAST_PICTURE = 100;  // pixels: in a smaller picture there is no room for a desk
const STEPS = [0.6, 0.45, 0.35, 0.27, 0.2, 0.15];  // changes of light that may be its edge
const LIGHTS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8];  // of the picture's light: lighter may be the sheet
const CANDIDATES = 2;  // pieces that are looked at: one may be the desk
const LEAST_AREA = 0.08, MOST_AREA = 0.98;  // of the picture
const FLATTEST_ANGLE = 125;  // degrees between two sides of a sheet; shadows have more
const FILLED = 0.93;  // of the quadrilateral, of what both cover
const DARKER = f32(0.8);  // of the sheet's light: the desk beside it
const DARK_OUTSIDE = 0.8;  // of what is no sheet, is as dark
const BESIDE = [2, 4];  // pixels outside the sheet at which the desk is looked at
const NEAR_EDGE = [-2, -1, 0, 1, 2], SHARP = 0.75;  // pixels; of the change, a step there
const BLACK = f32(0.02);  // light: darker is as dark
const MARGIN = 1.2;  // pixels that are cut from the sheet's edges
const SAMPLES = 24;  // places along a side
// On a light table: changes of light at its edge, of which the edge is then part of what is found.
const FAINT_STEPS = [0.03, 0.04, 0.05, 0.065, 0.08, 0.12], EDGE = 1.5;
const FAINT = [f32(0.02), f32(0.45)];  // of the sheet's light: how much the edge differs from it
const BUSY = f32(0.15), MOST_BUSY = 0.5;  // change of light along the inside of its edge
const AS_BUSY = 1.25;  // of the edge's own change: more is no paper inside an edge
const INK_STEP = f32(0.25), MOST_INK = 0.005;  // change of light; of the table: more is writing

// The light of the sheet, straightened; of the whole picture where no desk is seen.
function sheetOf(light, side) {
  const corners = findSheet(light);
  return corners ? straightened(light, corners, side) : reduced(light, side);
}

// The corners of the sheet in pixels of the picture; null where no desk is seen around one.
function findSheet(light) {
  if (Math.min(light.width, light.height) < LEAST_PICTURE) return null;
  const small = reduced(light, SMALL_SHEET), {width, height, values} = small;
  const high = values.slice().sort()[Math.trunc(0.9 * values.length)], limit = f32(DARKER * high);
  const border = edgesOf(small);
  // A drawing, and paper up to its edge.
  if (border[0] === high && border.every((value) => value === high)) return null;
  const steps = stepsOf(small);
  const dark = border.filter((value) => value < limit).length / border.length;
  const corners = (dark >= 0.05 && onADarkDesk(small, steps, high, limit)) ||
    onALightTable(small, steps, light);
  if (!corners) return null;
  const [across, down] = [light.width / width, light.height / height];
  return corners.map(([x, y]) => [x * across, y * down]);
}

// The values along the four edges of a picture.
function edgesOf({width, height, values}) {
  const found = [];
  for (let x = 0; x < width; x++) found.push(values[x], values[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) found.push(values[y * width], values[(y + 1) * width - 1]);
  return found;
}

function onADarkDesk(small, steps, high, limit) {
  let best = FILLED, corners = null;
  for (const mask of masksOf(small, steps, high)) {
    for (const [quad, filled] of quadrilaterals(mask)) {
      const dark = darkOutside(small, quad, limit) >= DARK_OUTSIDE;
      if (filled > best && dark && liesOnADesk(small, steps, quad)) [best, corners] = [filled, quad];
    }
  }
  return corners && inwards(corners, small, MARGIN);
}

function onALightTable(small, steps, light) {
  const scale = [light.width / small.width, light.height / small.height];
  let best = FILLED, corners = null;
  for (const most of FAINT_STEPS) {
    const {numbers} = label(grid(small.width, small.height, Uint8Array.from(steps.values, (v) => v < f32(most))));
    const counts = new Map();
    for (const number of edgesOf(numbers)) if (number) counts.set(number, (counts.get(number) || 0) + 1);
    if (!counts.size) continue;
    const [table] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
    const mask = Uint8Array.from(numbers.values, (number) => number !== table);
    for (const [quad, filled] of quadrilaterals(grid(small.width, small.height, mask))) {
      if (filled <= best || !isEmptyBeside(steps, quad) || !hasAFaintEdge(small, steps, quad)) continue;
      if (!isDrawn(light, innerSides(quad, small), scale)) {
        [best, corners] = [filled, inwards(quad, small, EDGE + MARGIN)];
      }
    }
  }
  return corners;
}

// Whether nothing is written beside a quadrilateral, where there is anything.
function isEmptyBeside(steps, quad) {
  const inside = insideOf(inwards(quad, steps, -BESIDE[0]), steps);
  let beside = 0, inked = 0;
  steps.values.forEach((step, i) => {
    if (inside[i]) return;
    beside++;
    inked += step > INK_STEP;
  });
  return beside > 0 && inked / beside < MOST_INK;
}

// The sides that are not the picture's edges: functions that give the place so far outwards of each
// of SAMPLES numbers. None if a side is too short to tell.
function innerSides(corners, {width, height}) {
  const sides = sidesOf(corners).map(([[x0, y0], [x1, y1]]) => {
    const [dx, dy] = [x1 - x0, y1 - y0], length = Math.hypot(dx, dy);
    const placeAt = (i, far) => {
      const share = (i + 0.5) / SAMPLES;
      return [x0 + share * dx + far * dy / length, y0 + share * dy - far * dx / length];
    };
    return {length, placeAt};
  });
  if (sides.some(({length}) => length < 4)) return [];
  return sides.map(({placeAt}) => placeAt).filter((placeAt) => {
    for (let i = 0; i < SAMPLES; i++) {
      const [x, y] = placeAt(i, 1);
      if (x >= 0 && y >= 0 && x < width && y < height) return true;
    }
    return false;
  });
}

// Whether an edge is seen on two sides or more, and the others are the picture's edges.
function hasAFaintEdge(small, steps, corners) {
  const sides = innerSides(corners, small);
  for (const placeAt of sides) {
    let unseen = 0, busy = 0, soft = 0;
    for (let i = 0; i < SAMPLES; i++) {
      const at = (far) => placeAt(i, -far), sheet = lightAt(small, at(4));
      const change = highest([0.5, -2, -0.5, 1.5].map((far) =>
        f32(Math.abs(f32(lightAt(small, at(far)) - sheet)))));
      const share = f32(change / Math.max(sheet, f32(0.05)));
      unseen += share < FAINT[0] || share > FAINT[1];
      busy += lightAt(steps, at(4)) > Math.min(BUSY, f32(AS_BUSY * share));
      soft += isSoft(steps, at, share);
    }
    if (unseen / SAMPLES > 0.2 || busy / SAMPLES > MOST_BUSY || soft / SAMPLES > 0.5) return false;
  }
  return sides.length >= 2;
}

// Whether at a place along a side the light changes little by little, as at the edge of a shadow.
function isSoft(steps, at, change) {
  return Math.max(...NEAR_EDGE.map((far) => lightAt(steps, at(far)))) < SHARP * change;
}

function lightAt({width, height, values}, [x, y]) {
  return values[clipped(Math.trunc(y), 0, height - 1) * width + clipped(Math.trunc(x), 0, width - 1)];
}

// How much is dark of what lies outside a quadrilateral.
function darkOutside(small, corners, limit) {
  const inside = insideOf(corners, small);
  let outside = 0, dark = 0;
  small.values.forEach((value, i) => {
    if (inside[i]) return;
    outside++;
    dark += value < limit;
  });
  return dark / outside;
}

// How much the light changes about each pixel, as the logarithm of a quotient.
function stepsOf(small) {
  const shades = mapped(small, (value) => Math.log(Math.max(value, BLACK)));
  const up = highestAround(shades, 3), down = highestAround(mapped(shades, (v) => -v), 3);
  return grid(small.width, small.height, up.values.map((value, i) => value + down.values[i]));
}

function* masksOf(small, steps, high) {
  const marked = (test) => grid(small.width, small.height, Uint8Array.from(small.values, test));
  for (const most of STEPS) yield marked((_, i) => steps.values[i] < f32(most));
  for (const share of LIGHTS) yield marked((value) => value > f32(share * high));
}

// The corners of the largest pieces of a mask, and how well each fills them, from 0 to 1.
function* quadrilaterals(mask) {
  const {numbers, count} = label(mask), sizes = new Int32Array(count + 1), all = mask.values.length;
  for (const number of numbers.values) if (number) sizes[number]++;
  const order = [...sizes.keys()].sort((a, b) => sizes[b] - sizes[a]).slice(0, CANDIDATES);
  for (const number of order) {
    if (sizes[number] < 0.5 * LEAST_AREA * all) return;
    const own = Uint8Array.from(numbers.values, (each) => each === number);
    const piece = withoutHoles(grid(mask.width, mask.height, own));
    const corners = cornersOf(piece), inside = insideOf(corners, mask);
    let area = 0, both = 0, either = 0;
    for (let i = 0; i < all; i++) {
      area += inside[i];
      both += inside[i] & piece.values[i];
      either += inside[i] | piece.values[i];
    }
    const sized = LEAST_AREA <= area / all && area / all <= MOST_AREA;
    if (sized && flattestAngle(corners) <= FLATTEST_ANGLE) yield [corners, both / either];
  }
}

// The outer corners of what lies farthest in the directions of the diagonals.
function cornersOf({width, values}) {
  const ends = [Infinity, -Infinity, -Infinity, Infinity], corners = [null, null, null, null];
  values.forEach((is, at) => {
    if (!is) return;
    const x = at % width, y = (at - x) / width;
    const found = (i, place) => { ends[i] = place; corners[i] = [x, y]; };
    if (x + y < ends[0]) found(0, x + y);
    if (x - y > ends[1]) found(1, x - y);
    if (x + y > ends[2]) found(2, x + y);
    if (x - y < ends[3]) found(3, x - y);
  });
  const outer = [[0, 0], [1, 0], [1, 1], [0, 1]];
  return corners.map(([x, y], i) => [x + outer[i][0], y + outer[i][1]]);
}

const sidesOf = (corners) => corners.map((one, i) => [one, corners[(i + 1) % 4]]);

// The largest angle between two sides, in degrees.
function flattestAngle(corners) {
  const directions = sidesOf(corners).map(([[x0, y0], [x1, y1]]) =>
    Math.atan2(y1 - y0, x1 - x0) * 180 / Math.PI);
  return Math.max(...directions.map((each, i) =>
    180 - (each - directions[(i + 3) % 4] + 720) % 360));
}

// The pixels whose centres lie in a quadrilateral.
function insideOf(corners, {width, height}) {
  const inside = new Uint8Array(width * height).fill(1);
  for (const [[x0, y0], [x1, y1]] of sidesOf(corners)) {
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        if ((x1 - x0) * (y + 0.5 - y0) - (y1 - y0) * (x + 0.5 - x0) < 0) inside[at] = 0;
      }
    }
  }
  return inside;
}

// A mask with what it surrounds.
function withoutHoles({width, height, values}) {
  const around = grid(width + 2, height + 2, new Uint8Array((width + 2) * (height + 2)).fill(1));
  for (let at = 0; at < values.length; at++) {
    const x = at % width, y = (at - x) / width;
    around.values[(y + 1) * (width + 2) + x + 1] = !values[at];
  }
  const numbers = label(around).numbers.values, filled = grid(width, height, new Uint8Array(values.length));
  for (let at = 0; at < values.length; at++) {
    const x = at % width, y = (at - x) / width;
    filled.values[at] = numbers[(y + 1) * (width + 2) + x + 1] !== numbers[0];
  }
  return filled;
}

// Whether it is darker along two sides or more, and the others are the picture's edges. The light
// changes at once there: at the edge of a soft shadow it does so little by little.
function liesOnADesk(small, steps, corners) {
  const {width, height} = small;
  const beyond = ([x, y]) => x < 0 || y < 0 || x >= width || y >= height;
  let sides = 0;
  for (const [[x0, y0], [x1, y1]] of sidesOf(corners)) {
    const [dx, dy] = [x1 - x0, y1 - y0], length = Math.hypot(dx, dy);
    if (length < 4) return false;
    let outside = 0, dark = 0, soft = 0;
    for (let i = 0; i < SAMPLES; i++) {
      const share = (i + 0.5) / SAMPLES;
      const at = (far) => [x0 + share * dx + far * dy / length, y0 + share * dy - far * dx / length];
      const beside = BESIDE.map(at), sheet = lightAt(small, at(-2.5));
      const lighter = Math.max(...beside.map((place) => lightAt(small, place)));
      const isDark = lighter < f32(DARKER * sheet);
      if (beside.some(beyond)) outside++;
      if (isDark || beyond(beside[1])) dark++;
      const change = Math.log(Math.max(sheet, BLACK) / Math.max(lighter, BLACK));
      soft += isDark && isSoft(steps, at, change);
    }
    if (outside / SAMPLES > 0.5) continue;
    if (dark / SAMPLES < 0.8 || soft / SAMPLES > 0.5) return false;
    sides++;
  }
  return sides >= 2;
}

// The corners moved in by a margin, where they do not lie at the picture's edge.
function inwards(corners, {width, height}, margin) {
  const middle = [0, 1].map((i) => corners.reduce((sum, corner) => sum + corner[i], 0) / 4);
  return corners.map((corner) => corner.map((place, i) =>
    place <= 0 || place >= [width, height][i]
      ? place : place + margin * Math.sign(middle[i] - place)));
}
