"""The names of the files of groups, in their own module so that completion imports nothing more."""

GROUP = "group.json"  # in the folder of all folds
SEEDS = "seeds.json"  # beside the runs of a recipe; earlier ones are seeds-1.json and so on
ANY_SEEDS = "seeds*.json"
