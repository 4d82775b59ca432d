// Pictures of other sizes, as Pillow's Image.resize makes them of float32: each pixel is a mean of
// those under a filter, first along the rows, then along the columns.

const BOX_FILTER = {reach: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0)};
const BILINEAR = {reach: 1, at: (x) => Math.max(0, 1 - Math.abs(x))};
const BICUBIC = {
  reach: 2,
  at(x) {
    const far = Math.abs(x);
    if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
    return far < 2 ? ((-0.5 * far + 2.5) * far - 4) * far + 2 : 0;
  },
};

function resized(one, width, height, filter) {
  const across = width === one.width ? one : resizedRows(one, width, filter);
  if (height === one.height) return across;
  return transposed(resizedRows(transposed(across), height, filter));
}

// A grid whose longer side is at most `side`, each pixel the mean of what it covers.
function reduced(one, side) {
  const share = side / Math.max(one.width, one.height);
  if (share >= 1) return one;
  const [width, height] = [one.width, one.height].map((each) => Math.max(1, rint(each * share)));
  return resized(one, width, height, BOX_FILTER);
}

function resizedRows(one, width, filter) {
  const made = grid(width, one.height), weights = filterWeights(one.width, width, filter);
  for (let x = 0; x < width; x++) {
    const {begin, shares} = weights[x];
    for (let y = 0; y < one.height; y++) {
      let total = 0;
      const from = y * one.width + begin;
      for (let i = 0; i < shares.length; i++) total += one.values[from + i] * shares[i];
      made.values[y * width + x] = total;
    }
  }
  return made;
}

// For each pixel of the new row, where in the old one its filter begins, and its weights.
function filterWeights(from, to, filter) {
  const scale = from / to, stretch = Math.max(scale, 1), reach = filter.reach * stretch;
  return Array.from({length: to}, (_, i) => {
    const centre = (i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const shares = [];
    for (let x = begin; x < end; x++) shares.push(filter.at((x - centre + 0.5) * (1 / stretch)));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return {begin, shares: total ? shares.map((share) => share / total) : shares};
  });
}
