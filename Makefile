# What the repository offers. Every target installs what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help run example-desk example-hello test check packages
help:
	@echo 'make run            build host and plugins, open the window with examples/desk'
	@echo 'make example-hello  the same with the command of the Tauri 0.x documentation'
	@echo 'make test           every test'
	@echo 'make check          formatting, lints, docs'

packages:
	@scripts/system-packages.sh

run: example-desk

# What each example's page calls.
example-desk: PLUGINS := store system
example-hello: PLUGINS := hello-functions hello-handler

example-desk example-hello: example-%: packages
	cargo build --release --locked -p plugin-host $(addprefix -p ,$(PLUGINS))
	scripts/collect-plugins.sh release build/$* $(PLUGINS)
	scripts/show.sh $(or $(CARGO_TARGET_DIR),target)/release/plugin-host build/$* examples/$*/page build/$*.png

test: packages
	cargo build --workspace --locked
	scripts/under-xvfb.sh cargo test --workspace --locked

check: packages
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
