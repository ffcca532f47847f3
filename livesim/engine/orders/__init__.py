"""From tries to orders: the checkout, what each order asks for, and its place in the line."""
