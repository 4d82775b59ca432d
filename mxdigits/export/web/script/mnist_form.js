// mxdigits/digitize/mnist_form.py: any picture of a digit to the form of MNIST's images.

const SIZE = 28;  // pixels of the side of MNIST's images
const BOX = 20;  // pixels of the side of the square that holds the ink

const DIGIT_SIDE = 1000;  // pixels of the longer side at which ink is looked for
const DARKEST = 95;  // percent of the inked pixels are paler than full ink
const AS_HIGH = 0.6;  // of the digit's height: what else is so high is another digit
const MOST_SHADOWS = 3;  // are passed over
const THINNEST = 1.8;  // pixels of 28: all but a tenth of MNIST's strokes are thicker
const DRAWN = 8 * BOX;  // pixels of the longer side of a digit when its strokes are measured

// One digit in MNIST's form, 28 x 28 bytes: ink up to 255 on 0; all 0 where there is no ink. And
// about how many digits the picture shows. `likenessOf` tells how much an image looks like a digit;
// `onlyDigits` whether digits are looked for: letters are not looked at again.
function digitizeOne(light, likenessOf, onlyDigits) {
  const sheet = sheetOf(withoutDither(light), DIGIT_SIDE), inks = inksOf(sheet);
  const found = readOne(inks, likenessOf);
  const doubtful = onlyDigits && (found.atEdge || likenessOf(found.image) < LIKELY);
  const straight = found.count > 0 && isStraight(found.image);
  if (onlyDigits && (doubtful || straight || likenessOf(found.image) < CERTAIN)) {
    const cell = betweenLines(sheet, inks[0].ink);
    if (cell) {
      const inside = digitizeOne(cell, likenessOf, onlyDigits);
      const least = Math.max(CERTAIN, likenessOf(found.image));
      // What is straight may be one of the lines, and more than that is what the cell shows.
      if (straight || inside.count && likenessOf(inside.image) >= least) return inside;
    }
  }
  if (found.count && !doubtful) return found;
  for (const look of looksAgain(sheet, inks)) {
    const again = readOne(look.inks, likenessOf, look);
    if (again.count && likenessOf(again.image) >= look.least) return again;
  }
  return found;
}

// The one digit of what two polarities show, and how many there seem to be.
function readOne(inks, likenessOf, look = null) {
  const read = inks.map((seen) => digitized(seen, look));
  return read.length === 1 ? read[0] : read[indexOfHighest(read.map(({image}) => likenessOf(image)))];
}

// The one digit of a sheet, how many there seem to be, and whether it may be a thing or a line at the
// picture's edge; by another look.
function digitized(seen, look = null) {
  let pieces = piecesOf(seen.ink);
  if (!look || !look.lines) [pieces, seen] = withoutLinesAskew(pieces, seen);
  for (let shadows = 0; shadows < MOST_SHADOWS; shadows++) {
    const {group, count} = oneDigit(pieces, !look);
    if (!count) break;
    const image = inForm(cutOut(pieces, group));
    // Shadows, folds and rules leave lines, which another look might take for a digit.
    const line = goesOn(seen.ink, group.map(({box}) => box).reduce(around)) || look && isStraight(image);
    if (!line && !isShadow(pieces, group, seen, Boolean(look), look && look.lines)) {
      return {image, count, atEdge: group.some(mayLieAtEdge)};
    }
    pieces = {...pieces, all: pieces.all.filter((piece) => !group.includes(piece))};
  }
  return {image: grid(SIZE, SIZE, new Uint8Array(SIZE ** 2)), count: 0, atEdge: false};
}

// The pieces of a sheet without its lines, turned level if these lie askew.
function withoutLinesAskew(pieces, seen) {
  let angle = angleOfLines(pieces);
  if (angle) {
    // A fold would be taken for a rule; turned, it would no longer run from edge to edge.
    const foldless = withoutFolds(pieces);
    if (foldless) {
      pieces = piecesOf(foldless);
      angle = angleOfLines(pieces);
    }
  }
  if (!angle) return [withoutTheLines(pieces), seen];
  const [ink, dark] = [pieces.ink, seen.dark].map((each) => turnedBack(each, angle));
  return [written(ink), {...seen, ink, dark}];
}

// The pieces of ink of a sheet that was turned, without its lines; what is below 0 is no part of it.
function written(ink) {
  const outside = grid(ink.width, ink.height, Uint8Array.from(ink.values, (v) => v < 0));
  const turned = highest(outside.values) ? outside : null;
  return withoutTheLines(piecesOf(mapped(ink, (v) => Math.max(v, 0)), turned), turned);
}

// `outside` is what is no part of the picture, once it was turned.
function withoutTheLines(pieces, outside = null) {
  const before = pieces.ink, dashless = withoutDashes(pieces);
  if (dashless) pieces = piecesOf(dashless, outside);
  // First the boxes: without the rules that they share, their other sides would look like ones.
  const cleaned = withoutRules(withoutBoxes(pieces, outside) || pieces.ink, outside);
  if (cleaned === before) return pieces;
  // The lines may have been darker than the pen; bits of them count little.
  const inked = cleaned.values.filter((value) => value > INKED).sort();
  if (!inked.length) return piecesOf(cleaned, outside);
  return piecesOf(inkedFully(cleaned, f32(percentile(inked, DARKEST))), outside);
}

// The pieces that make the one digit of a picture, and how many digits there seem to be.
// They have to look written, `surely`; else they may be soft, uneven or a tangle.
function oneDigit(pieces, surely) {
  const {all} = pieces, isWritten = surely ? looksWritten : mayBeWritten;
  const digits = all.map((piece) => isWritten(piece, pieces) && isLarge(piece, pieces));
  const none = {group: [], count: 0};
  if (!digits.some(Boolean)) return none;
  let weight = all.map((piece) => piece.mass * piece.darkness ** 2);
  // What reaches the edge is not meant, such as the table, unless nothing else is.
  const withinEdges = weight.map((each, i) => (reachesEdge(all[i]) ? 0 : each));
  const most = (weights) => highest(weights.filter((_, i) => digits[i]));
  if (most(withinEdges) >= 0.1 * most(weight)) weight = withinEdges;
  const at = indexOfHighest(weight.map((each, i) => (digits[i] ? each : 0)));
  const main = all[at], [left, top, right, bottom] = main.box;
  if (amongDirt(pieces, main.long)) return none;
  const reach = 0.3 * main.long;
  const beside = all.map((piece, i) => {
    const [l, t, r, b] = piece.box;
    return l < right + reach && t < bottom + reach && r > left - reach && b > top - reach
      && weight[i] >= 0.01 * weight[at] && (!surely || piece.darkness >= 0.6 * main.darkness);
  });
  const tangled = all.reduce((sum, piece, i) =>
    sum + (beside[i] && isTangled(piece) ? weight[i] : 0), 0);
  if (surely && tangled > weight[at]) return none;  // it is a part of some noise
  const near = beside.map((is, i) =>
    i === at || is && (!isLine(all[i]) || all[i].wide < 0.8 * main.wide));
  const group = all.filter((_, i) => near[i]);
  if (amongNoise(pieces, group)) return none;
  const others = all.filter((piece, i) =>
    digits[i] && !near[i] && weight[i] > 0 && piece.high >= AS_HIGH * main.high);
  return {group, count: 1 + others.length};
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

// With the darkest ink, or `most`, at 1, which a thin stroke no longer is when it was scaled down.
function inkedFully(small, most = highest(small.values)) {
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
