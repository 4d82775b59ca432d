// mxdigits/digitize/preprocessing.py: from a picture to what the network takes, (H, W) in bytes, and
// about how many digits are seen where they are looked for.

function preprocessed(light, name, [, height, width], likenessOf, onlyDigits) {
  if (name === "mnist") return digitizeOne(light, likenessOf, onlyDigits);
  const sized = resized(light, width, height, BICUBIC);
  const bytes = Uint8Array.from(sized.values, (value) => rint(f32(clipped(value, 0, 1) * 255)));
  return {image: grid(width, height, bytes), count: 1};
}
