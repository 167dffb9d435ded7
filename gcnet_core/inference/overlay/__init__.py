"""Pictures and videos with what a model says drawn into them."""
