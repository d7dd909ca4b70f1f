"""Files of people and jobs as a heading and rows of text, whatever format they are in."""
