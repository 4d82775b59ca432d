"""What the files of groups of runs are called; they are completed without importing more."""

GROUP = "group.json"  # in the folder of all folds
SEEDS = "seeds.json"  # among the runs of a recipe; earlier ones are seeds-1.json and so on
ANY_SEEDS = "seeds*.json"
