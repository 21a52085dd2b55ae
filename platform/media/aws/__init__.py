"""The only place that speaks to AWS, or to what answers like it."""
