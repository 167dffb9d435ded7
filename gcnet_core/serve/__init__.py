"""A page in the browser and JSON endpoints, over a model that is loaded once. Nothing that is sent is stored."""
