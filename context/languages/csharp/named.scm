; Names that are given to what stands behind them
(argument name: (identifier) @skip)
(parameter name: (identifier) @skip)
(initializer_expression) @fields
