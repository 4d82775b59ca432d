"""GluonCV's classification networks as models of mxdigits."""
