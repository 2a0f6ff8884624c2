// Catch2 for all tests: the one place to change for a move to its next major version.
#pragma once

#include <catch2/catch.hpp>
