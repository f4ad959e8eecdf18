export {
  type ForeignAlgorithm,
  foreignAlgorithms,
  type TrustedIssuer,
  trustIssuers,
} from './issuers/trustIssuers.ts';
