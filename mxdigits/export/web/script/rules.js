// mxdigits/digitize/lines/rules.py: straight lines that lie level, traced where nothing is written on them,
// and taken away.

const INKED = f32(0.12);
const BESIDE_A_LINE = 4;  // pixels that are looked at, and half as many more as it is thick
const STROKE = f32(0.25);  // what meets a line is inked more; less is a blurred edge of it
const AS_THIN = 0.25;  // of its columns: no thicker than it is, where strokes may lie along the others
const DARK = 0.7, DARKER_THAN = 1.1, DARKER_BY = 0.05;  // of its columns are paler; a stroke is
const TRACED = 9;  // free columns, of whose edges the median is taken
const LEAST_FREE = 0.1;  // of the columns: where less is free there is no line, or no more
const LEFT = 0.8;  // of a band's columns: if so many are still inked, another line is left

// Ink without level and upright lines.
function withoutLines(ink, level, upright) {
  return transposed(erased(transposed(erased(ink, level)), upright));
}

// How many rows lower a line is in a column than in the middle one.
const offset = (column, slope, width) => rint(slope * (column - width / 2));

// The ink without level rules, except where strokes cross them.
function erased(ink, {slope, bands}) {
  const left = grid(ink.width, ink.height, ink.values.slice());
  for (const band of bands) {
    const whole = columnsInked(left, band, slope);
    eraseLine(left, band, slope);
    // Two lines that lie close together, of boxes side by side, are one band.
    if (columnsInked(left, band, slope) >= LEFT * whole) eraseLine(left, band, slope);
  }
  return left;
}

// In how many columns of a picture a band is inked.
function columnsInked({width, height, values}, [begin, end], slope) {
  let count = 0;
  for (let x = 0; x < width; x++) {
    const shift = offset(x, slope, width);
    let y = Math.max(0, begin + shift);
    while (y < Math.min(height, end + shift) && values[y * width + x] <= INKED) y++;
    if (y < Math.min(height, end + shift)) count++;
  }
  return count;
}

// Takes the line away that lies nearest to the middle of a band.
function eraseLine({width, height, values}, [begin, end], slope) {
  const reach = BESIDE_A_LINE + Math.floor((end - begin) / 2), high = end - begin + 2 * reach;
  const inked = grid(width, high), places = new Int32Array(width * high).fill(-1);
  for (let x = 0; x < width; x++) {
    const top = begin - reach + offset(x, slope, width);
    for (let y = Math.max(0, -top); y < high && top + y < height; y++) {
      places[y * width + x] = (top + y) * width + x;
      inked.values[y * width + x] = values[(top + y) * width + x];
    }
  }
  const {free, first, last} = freeColumns(inked);
  if (free.length < LEAST_FREE * width) return;
  const top = tracedEdge(first, free), bottom = tracedEdge(last, free);
  const darkest = Float32Array.from(free, (x) => {
    let most = 0;
    for (let y = 0; y < high; y++) most = Math.max(most, inked.values[y * width + x]);
    return most;
  });
  const most = f32(DARKER_THAN * ranked(darkest, DARK) + DARKER_BY), isFree = new Uint8Array(width);
  for (const x of free) isFree[x] = 1;
  const isDark = (y, x) => x >= 0 && x < width && inked.values[y * width + x] > most;
  const kept = crossedBy(inked, top, bottom);
  for (let x = 0; x < width; x++) {
    for (let y = Math.max(0, top[x]); y < Math.min(high, bottom[x]); y++) {
      const at = y * width + x;
      const darker = isDark(y, x) && (!isFree[x] || isDark(y, x - 1) || isDark(y, x + 1));
      if (places[at] >= 0 && !darker && !kept[at]) values[places[at]] = 0;
    }
  }
}

// The columns in which a line meets nothing, and of each its first and last row. It is looked for from
// the middle on.
function freeColumns({width, height, values}) {
  const first = new Int32Array(width), last = new Int32Array(width), alone = [];
  const isSeen = (y, x) => y >= 0 && y < height && values[y * width + x] > INKED;
  const rows = Array.from({length: height - 2 * (BESIDE_A_LINE >> 1)}, (_, i) => i + (BESIDE_A_LINE >> 1));
  rows.sort((a, b) => Math.abs(2 * a + 1 - height) - Math.abs(2 * b + 1 - height));
  for (let x = 0; x < width; x++) {
    const nearest = rows.find((y) => isSeen(y, x));
    if (nearest === undefined) continue;
    for (first[x] = nearest; isSeen(first[x] - 1, x);) first[x]--;
    for (last[x] = nearest + 1; isSeen(last[x], x);) last[x]++;
    if (first[x] > 0 && last[x] < height) alone.push(x);
  }
  const thick = (x) => last[x] - first[x];
  const most = alone.length ? ranked(Int32Array.from(alone, thick), AS_THIN) + 1 : 0;
  return {free: alone.filter((x) => thick(x) <= most), first, last};
}

// The value that such a share of the others lies below.
const ranked = (values, share) => values.slice().sort()[Math.floor(share * (values.length - 1))];

// The edge of a line in every column, from that in the free ones.
function tracedEdge(edge, free) {
  const half = TRACED >> 1, last = free.length - 1, traced = new Int32Array(edge.length);
  const smooth = free.map((_, i) => median(Int32Array.from({length: TRACED}, (_, k) =>
    edge[free[clipped(i - half + k, 0, last)]])));
  for (let x = 0, after = 0; x < edge.length; x++) {
    while (after < last && free[after] < x) after++;
    if (free[after] === x) {
      traced[x] = edge[x];
      continue;
    }
    const before = free[after] > x ? Math.max(0, after - 1) : after;
    const apart = Math.max(1, free[after] - free[before]);
    const share = clipped(x - free[before], 0, apart) / apart;
    traced[x] = rint(smooth[before] + (smooth[after] - smooth[before]) * share);
  }
  return traced;
}

// The pixels of what joins strokes above a line with those below it.
function crossedBy({width, height, values}, top, bottom) {
  const kept = new Uint8Array(width * height);
  const isStroke = (y, x) => y >= 0 && y < height && values[y * width + x] > STROKE;
  // A blurred edge with noise in it reaches a pixel beyond a line; a stroke goes on.
  const uppers = runsOf(width, (x) => isStroke(top[x] - 1, x) && isStroke(top[x] - 2, x));
  const lowers = runsOf(width, (x) => isStroke(bottom[x], x) && isStroke(bottom[x] + 1, x));
  for (const [left, right] of uppers) {
    for (const [otherLeft, otherRight] of lowers) {
      if (otherLeft > right + height + 1) break;
      const middle = Math.floor((Math.max(left, otherLeft) + Math.min(right, otherRight)) / 2);
      const far = bottom[middle] - top[middle] + 1;  // a stroke goes on at up to 45 degrees
      if (otherLeft - right > far || left - otherRight > far) continue;
      const fromLeft = Math.max(left, otherLeft - far), toLeft = Math.max(otherLeft, left - far);
      const fromRight = Math.min(right, otherRight + far);
      const toRight = Math.min(otherRight, right + far);
      for (let y = top[middle]; y < bottom[middle]; y++) {
        const share = (y - top[middle] + 1) / far;
        const begin = rint(fromLeft + share * (toLeft - fromLeft));
        const end = rint(fromRight + share * (toRight - fromRight));
        if (end > begin) kept.fill(1, y * width + begin, y * width + end);
      }
    }
  }
  return kept;
}

// Where runs of columns begin, and end.
function runsOf(width, isIn) {
  const runs = [];
  for (let x = 0; x < width; x++) {
    if (!isIn(x)) continue;
    const begin = x;
    while (x < width && isIn(x)) x++;
    runs.push([begin, x]);
  }
  return runs;
}
