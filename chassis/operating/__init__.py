"""The operator's command `baoqiao`: one file for each group of commands."""
