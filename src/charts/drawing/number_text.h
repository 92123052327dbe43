// Numbers as a reader of a language writes them: 1,234.5 in English; 1234,5 and 12.345,6 in
// Spanish, which groups from five digits on (Real Academia Española, Ortografía 2010; the point
// as separator is what Spain's press and statistics use).
#pragma once

#include <cstdint>
#include <string>

#include "charts/request.h"

namespace cauce::charts::drawing {

// With so many digits after the point, exactly; a true minus sign.
std::string fixed_text(double value, int decimals, Locale locale);

// With about so many significant digits, without trailing zeros; very large and very small numbers
// in powers of ten ("1.2 × 10^9" as "1.2e9").
std::string number_text(double value, int digits, Locale locale);

// The same, rounded to so many significant digits also before the decimal sign: for means, which
// are no more exact. With 4, 241,171,386 is 241,200,000.
std::string rounded_text(double value, int digits, Locale locale);

std::string count_text(std::uint64_t count, Locale locale);

// The shortest text that reads back as the same double, whatever the locale: for attributes.
std::string exact_text(double value);

// "count noun" with the noun in the right number.
std::string counted(std::uint64_t count, const char* one, const char* many, Locale locale);

}  // namespace cauce::charts::drawing
