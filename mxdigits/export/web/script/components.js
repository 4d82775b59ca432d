// mxdigits/digitize/pixels/components.py: connected components of a mask.

// Number the pieces of a mask from 1; pixels belong together that touch, be it at a corner. Pieces
// are numbered by their first row and in it from the left.
function label(mask) {
  const {width, height, values} = mask;
  const numbers = new Int32Array(values.length), waiting = [];
  let count = 0;
  for (let start = 0; start < values.length; start++) {
    if (!values[start] || numbers[start]) continue;
    numbers[start] = ++count;
    waiting.push(start);
    while (waiting.length) {
      const at = waiting.pop(), x = at % width, y = (at - x) / width;
      for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
        for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
          const next = j * width + i;
          if (!values[next] || numbers[next]) continue;
          numbers[next] = count;
          waiting.push(next);
        }
      }
    }
  }
  return {numbers: grid(width, height, numbers), count};
}

// The boxes of the pieces: [left, top, right, bottom], the last two just beyond.
function boxes(numbers, count) {
  const {width, height, values} = numbers;
  const found = Array.from({length: count}, () => [width, height, 0, 0]);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (values[at]) found[values[at] - 1] = around(found[values[at] - 1], [x, y, x + 1, y + 1]);
    }
  }
  return found;
}

// The box about two.
function around(one, other) {
  return [Math.min(one[0], other[0]), Math.min(one[1], other[1]),
    Math.max(one[2], other[2]), Math.max(one[3], other[3])];
}
