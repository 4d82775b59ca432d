// mxdigits/digitize/mnist_form.py: any picture of a digit to the form of MNIST's images.

const SIZE = 28;  // pixels of the side of MNIST's images
const BOX = 20;  // pixels of the side of the square that holds the ink

const DIGIT_SIDE = 1000;  // pixels of the longer side at which ink is looked for
const SEEN = f32(0.2), SURE = 0.6;  // a stroke is inked more than the one, and somewhere the other
const THINNEST = 1.8;  // pixels of 28: all but a tenth of MNIST's strokes are thicker
const DRAWN = 8 * BOX;  // pixels of the longer side of a digit when its strokes are measured

// One digit in MNIST's form, 28 x 28 bytes: ink up to 255 on 0; all 0 where there is no ink.
function digitize(light) {
  const ink = inkOf(reduced(light, DIGIT_SIDE)), pieces = piecesOf(ink);
  if (!pieces.boxes.length) return grid(SIZE, SIZE, new Uint8Array(SIZE ** 2));
  return inForm(cutOut(pieces, ink, oneDigit(pieces)));
}

// Whatever hangs together and is somewhere surely ink: of each its box, mass and darkness.
function piecesOf(ink) {
  const {numbers, count} = label(grid(ink.width, ink.height, ink.values.map((v) => v > SEEN)));
  const mass = new Float64Array(count + 1), square = new Float64Array(count + 1);
  const sure = new Uint8Array(count + 1);
  ink.values.forEach((value, i) => {
    const which = numbers.values[i];
    mass[which] += value;
    square[which] += value ** 2;
    if (which && value > SURE) sure[which] = 1;
  });
  let kept = 0;
  const renumbered = sure.map((is) => (is ? 1 : 0)), order = new Int32Array(count + 1);
  renumbered.forEach((is, which) => { if (is) order[which] = ++kept; });
  const masses = [...mass].filter((_, which) => sure[which]);
  const squares = [...square].filter((_, which) => sure[which]);
  const left = grid(ink.width, ink.height, numbers.values.map((which) => order[which]));
  return {
    numbers: left,
    boxes: boxes(left, kept),
    mass: masses,
    darkness: squares.map((each, i) => each / masses[i]),
  };
}

// The ink of several pieces alone, in their box.
function cutOut(pieces, ink, group) {
  const [left, top, right, bottom] = group.map((i) => pieces.boxes[i]).reduce(around);
  const cut = grid(right - left, bottom - top), theirs = new Set(group.map((i) => i + 1));
  for (let y = top, to = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, to++) {
      const at = y * ink.width + x;
      if (theirs.has(pieces.numbers.values[at])) cut.values[to] = ink.values[at];
    }
  }
  return cut;
}

// The pieces that make the one digit of a picture.
function oneDigit(pieces) {
  const {width, height} = pieces.numbers;
  let weight = pieces.mass.map((mass, i) => mass * pieces.darkness[i] ** 2);
  // What reaches the edge is not meant, such as the table, unless nothing else is.
  const inner = pieces.boxes.map(([left, top, right, bottom]) =>
    left > 0 && top > 0 && right < width && bottom < height);
  const withinEdges = weight.map((each, i) => (inner[i] ? each : 0));
  if (Math.max(0, highest(withinEdges)) >= 0.1 * highest(weight)) weight = withinEdges;
  const main = indexOfHighest(weight), [left, top, right, bottom] = pieces.boxes[main];
  const reach = 0.3 * Math.max(right - left, bottom - top);
  return pieces.boxes.map((_, i) => i).filter((i) => {
    const [l, t, r, b] = pieces.boxes[i];
    return l < right + reach && t < bottom + reach && r > left - reach && b > top - reach
      && weight[i] >= 0.01 * weight[main] && pieces.darkness[i] >= 0.6 * pieces.darkness[main];
  });
}

// The ink of one digit, cut close, in the form of MNIST's images.
function inForm(ink) {
  const small = inkedFully(boxed(thickEnough(reduced(ink, DRAWN))));
  const mass = sum32(small.values);
  const top = corner(rowSums(small), mass), left = corner(columnSums(small), mass);
  const image = grid(SIZE, SIZE, new Uint8Array(SIZE ** 2));
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const value = rint(f32(small.values[y * small.width + x] * 255));
      image.values[(top + y) * SIZE + left + x] = value;
    }
  }
  return image;
}

// Where a side begins, so that the centre of mass is the centre of the image.
function corner(sums, mass) {
  const centre = sums.reduce((total, sum, i) => total + sum * i, 0) / mass;
  return clipped(rint(SIZE / 2 - centre), 0, SIZE - sums.length);
}

const rowSums = ({width, height, values}) =>
  Array.from({length: height}, (_, y) => sum32(values, y * width, width));

function columnSums({width, height, values}) {
  const sums = new Float32Array(width);
  for (let at = 0; at < width * height; at++) sums[at % width] += values[at];
  return [...sums];
}

function boxed(ink) {
  const share = BOX / Math.max(ink.width, ink.height);
  const [width, height] = [ink.width, ink.height].map((side) => Math.max(1, rint(side * share)));
  return resized(ink, width, height, BICUBIC);
}

// With the darkest ink at 1, which a thin stroke no longer is when it was scaled down.
function inkedFully(small) {
  const most = highest(small.values);
  return mapped(small, (value) => clipped(f32(value / most), 0, 1));
}

// A digit with its strokes made so thick that something is left of them in 20 x 20.
function thickEnough(ink) {
  const share = BOX / Math.max(ink.width, ink.height);
  // A stroke's border is twice its length; one drawn in pixels is longer by 4 / pi on average.
  const thickness = 2 * sum32(ink.values) / Math.max(borderOf(ink) * Math.PI / 4, 1);
  const lacking = rint((THINNEST / share - thickness) / 2);
  return lacking > 0 ? highestAround(padded(ink, lacking), 2 * lacking + 1) : ink;
}

// How many sides of pixels part ink from paper; outside there is paper.
function borderOf({width, height, values}) {
  const inked = (x, y) =>
    x >= 0 && y >= 0 && x < width && y < height && values[y * width + x] > 0.5;
  let border = 0;
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      border += (inked(x, y) !== inked(x - 1, y)) + (inked(x, y) !== inked(x, y - 1));
    }
  }
  return border;
}

function padded({width, height, values}, by) {
  const made = grid(width + 2 * by, height + 2 * by);
  for (let y = 0; y < height; y++) {
    made.values.set(values.subarray(y * width, (y + 1) * width), (y + by) * made.width + by);
  }
  return made;
}
