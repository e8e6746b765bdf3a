# What the repository offers. Every target installs what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help run test check packages
help:
	@echo 'make run    build host and plugins, open the window'
	@echo 'make test   every test'
	@echo 'make check  formatting, lints, docs'

packages:
	@scripts/system-packages.sh

PLUGINS := hello-functions hello-handler

run: packages
	cargo build --release --locked -p plugin-host $(addprefix -p ,$(PLUGINS))
	scripts/collect-plugins.sh release build/hello $(PLUGINS)
	scripts/show.sh $(or $(CARGO_TARGET_DIR),target)/release/plugin-host build/hello examples/hello/page build/hello.png

test: packages
	cargo build --workspace --locked
	scripts/under-xvfb.sh cargo test --workspace --locked

check: packages
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked
