// mxdigits/digitize/ink/second_look.py: the ink of a picture, where a first look has found no digit.

const LEAST_AGAIN = 0.9;  // likeness of what is found: of noise and shadows that are left most has less

// As inksOf, without what is dark along an edge or a straight line from edge to edge: beside that, a pen
// looks as pale as a shadow.
const inksLookedAtAgain = (light) => inksOf(light, true).map(inkBesideLines);

function inkBesideLines(seen) {
  const rest = withoutFolds(piecesOf(seen.ink), true);
  if (!rest) return seen;
  const {ink, contrast} = levelled(rest);
  return {...seen, ink, contrast: seen.contrast * contrast};
}
