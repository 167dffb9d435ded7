"""People who are known: from pictures of somebody to what a query of theirs is compared with."""
