"""A backward pass told step by step, and why a gradient is what it is; as text, Markdown, LaTeX, HTML and JSON."""
