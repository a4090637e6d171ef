package noise_test

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/noise"
)

func Example() {
	sigma, err := noise.Sigma(10)
	if err != nil {
		fmt.Println(err)
		return
	}
	noisy, err := noise.New().AddGaussian(1234, sigma)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sigma, noisy > 1234-90 && noisy < 1234+90)
	// Output: 10 true
}
