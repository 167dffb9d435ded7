"""Checking data before an hour of training is lost on them."""
