"""From an article to a bank: `article` finds its questions and writes them."""
