// Package judge measures how good a result is: how much of the style it has, how much of the content is
// left, and what should not be there, such as grain and frames.
//
// A style transfer minimises distances that a network sees, so that the same distances say little about
// the result. A Judge looks with another network where there is one, and in another way in any case: it
// compares whole distributions of features (W2) where runs compare second moments, and relations between
// places where they compare features. Numbers has all that is measured, with units and ranges. There is
// no overall mark: nobody has found weights that agree with people, for all pictures. Distance, by which
// variants of one run are ranked, is style and content alone.
package judge
