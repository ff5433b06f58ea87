"""The reviewer's pages: the next dossier now, how many are left, evidence beside the rubric."""
