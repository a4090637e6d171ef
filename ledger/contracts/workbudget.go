// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package contracts

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// WorkBudgetVoucher is an auto generated low-level Go binding around an user-defined struct.
type WorkBudgetVoucher struct {
	Researcher  common.Address
	Marketplace common.Address
	Cumulative  uint64
}

// WorkBudgetMetaData contains all meta data concerning the WorkBudget contract.
var WorkBudgetMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"registry_\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"confirmations_\",\"type\":\"uint64\"}],\"stateMutability\":\"nonpayable\",\"type\":\"constructor\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"}],\"name\":\"AlreadyClaimed\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"BadHeader\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"signer\",\"type\":\"address\"}],\"name\":\"ForgedVoucher\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"credit\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"wanted\",\"type\":\"uint256\"}],\"name\":\"InsufficientCredit\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"escrowed\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"wanted\",\"type\":\"uint256\"}],\"name\":\"InsufficientEscrow\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"MalformedSignature\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"}],\"name\":\"NoWork\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"}],\"name\":\"NotCanonical\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotMarketplace\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"NotResearcher\",\"type\":\"error\"},{\"inputs\":[],\"name\":\"Nothing\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"}],\"name\":\"TooOld\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"}],\"name\":\"TooYoung\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"vouchers\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"signatures\",\"type\":\"uint256\"}],\"name\":\"UnevenVouchers\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"uint64\",\"name\":\"settled\",\"type\":\"uint64\"},{\"internalType\":\"uint64\",\"name\":\"cumulative\",\"type\":\"uint64\"}],\"name\":\"VoucherSuperseded\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"marketplace\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"work\",\"type\":\"uint256\"}],\"name\":\"Escrowed\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"marketplace\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"work\",\"type\":\"uint256\"},{\"indexed\":false,\"internalType\":\"uint64\",\"name\":\"cumulative\",\"type\":\"uint64\"}],\"name\":\"Settled\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"},{\"indexed\":true,\"internalType\":\"bytes32\",\"name\":\"blockHash\",\"type\":\"bytes32\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"work\",\"type\":\"uint256\"}],\"name\":\"WorkCredited\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"bytes\",\"name\":\"header\",\"type\":\"bytes\"}],\"name\":\"claim\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"bytes[]\",\"name\":\"headers\",\"type\":\"bytes[]\"}],\"name\":\"claimMany\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"number\",\"type\":\"uint256\"}],\"name\":\"claimed\",\"outputs\":[{\"internalType\":\"bool\",\"name\":\"\",\"type\":\"bool\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"confirmations\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"}],\"name\":\"credit\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"marketplace\",\"type\":\"address\"},{\"internalType\":\"uint128\",\"name\":\"work\",\"type\":\"uint128\"}],\"name\":\"escrow\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"marketplace\",\"type\":\"address\"}],\"name\":\"escrowed\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"registry\",\"outputs\":[{\"internalType\":\"contractRegistry\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"marketplace\",\"type\":\"address\"},{\"internalType\":\"uint64\",\"name\":\"cumulative\",\"type\":\"uint64\"}],\"internalType\":\"structWorkBudget.Voucher[]\",\"name\":\"vouchers\",\"type\":\"tuple[]\"},{\"internalType\":\"bytes[]\",\"name\":\"signatures\",\"type\":\"bytes[]\"}],\"name\":\"settle\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"researcher\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"marketplace\",\"type\":\"address\"}],\"name\":\"settled\",\"outputs\":[{\"internalType\":\"uint64\",\"name\":\"\",\"type\":\"uint64\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "WorkBudget",
	Bin: "0x610100604052348015610010575f5ffd5b506040516124d73803806124d783398101604081905261002f91610148565b604080517fc2f8787176b8ac6bf7215b4adcc1e069bf4ab82d9ab1df05a57a91d425935b6e60208201527f41c6be6c542c86c5d4ad0471bc7d3801d85a48737393d1ff000dbb1e1bc8d142918101919091527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6606082015246608082015260a00160408051601f1981840301815282825280516020918201206080526001600160a01b03851660a08190526001600160401b03851660c0526394391a6d60e01b8452915191926394391a6d92600480830193928290030181865afa158015610119573d5f5f3e3d5ffd5b505050506040513d601f19601f8201168201806040525081019061013d9190610196565b60e052506101ad9050565b5f5f60408385031215610159575f5ffd5b82516001600160a01b038116811461016f575f5ffd5b60208401519092506001600160401b038116811461018b575f5ffd5b809150509250929050565b5f602082840312156101a6575f5ffd5b5051919050565b60805160a05160c05160e0516122e26101f55f395f610c4401525f81816101c501526109a701525f81816101640152818161038201526108bf01525f6118ed01526122e25ff3fe608060405234801561000f575f5ffd5b50600436106100b9575f3560e01c8063c63ff8dd11610072578063da02213711610058578063da0221371461022f578063dbe7e3bd14610242578063f0a33bd414610284575f5ffd5b8063c63ff8dd146101e7578063d5d44d80146101fa575f5ffd5b80637b103999116100a25780637b1039991461015f57806397d78a8b146101ab5780639cf5d607146101c0575f5ffd5b806313126902146100bd57806365b39968146100e3575b5f5ffd5b6100d06100cb366004611c87565b610297565b6040519081526020015b60405180910390f35b6101466100f1366004611c87565b73ffffffffffffffffffffffffffffffffffffffff9182165f908152600160209081526040808320939094168252919091522054700100000000000000000000000000000000900467ffffffffffffffff1690565b60405167ffffffffffffffff90911681526020016100da565b6101867f000000000000000000000000000000000000000000000000000000000000000081565b60405173ffffffffffffffffffffffffffffffffffffffff90911681526020016100da565b6101be6101b9366004611cb8565b6102e2565b005b6101467f000000000000000000000000000000000000000000000000000000000000000081565b6101be6101f5366004611d01565b6105eb565b6100d0610208366004611d6f565b73ffffffffffffffffffffffffffffffffffffffff165f9081526020819052604090205490565b6101be61023d366004611dd7565b610643565b610274610250366004611e72565b600881901c5f90815260026020526040902054600160ff9092169190911b16151590565b60405190151581526020016100da565b6101be610292366004611e89565b610720565b73ffffffffffffffffffffffffffffffffffffffff8083165f908152600160209081526040808320938516835292905220546fffffffffffffffffffffffffffffffff165b92915050565b806fffffffffffffffffffffffffffffffff165f0361032d576040517ff9820cc100000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61033633610873565b6040517ff25a5dd500000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff8381166004830152600860248301527f0000000000000000000000000000000000000000000000000000000000000000169063f25a5dd590604401602060405180830381865afa1580156103c7573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906103eb9190611ec8565b8290610441576040517fed2cb5a800000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff90911660048201526024015b60405180910390fd5b50335f9081526020819052604090205480826fffffffffffffffffffffffffffffffff81168210156104ba576040517f4eb7eaec00000000000000000000000000000000000000000000000000000000815260048101929092526fffffffffffffffffffffffffffffffff166024820152604401610438565b506104d990506fffffffffffffffffffffffffffffffff831682611f14565b335f90815260208181526040808320939093556001815282822073ffffffffffffffffffffffffffffffffffffffff87168352905290812080548492906105339084906fffffffffffffffffffffffffffffffff16611f27565b92506101000a8154816fffffffffffffffffffffffffffffffff02191690836fffffffffffffffffffffffffffffffff1602179055508273ffffffffffffffffffffffffffffffffffffffff163373ffffffffffffffffffffffffffffffffffffffff167f393ce2c0bfa95c5e6f8a6a5fa26f9c0bc5fdc639dbbcc4483deabe68055c9eea846040516105de91906fffffffffffffffffffffffffffffffff91909116815260200190565b60405180910390a3505050565b5f5f6105f7848461097d565b9150915061060482610873565b73ffffffffffffffffffffffffffffffffffffffff82165f9081526020819052604081208054839290610638908490611f4f565b909155505050505050565b5f83900361067d576040517ff9820cc100000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b82818181146106c1576040517f40532d3c00000000000000000000000000000000000000000000000000000000815260048101929092526024820152604401610438565b50505f5b83811015610719576107118585838181106106e2576106e2611f62565b9050606002018484848181106106fa576106fa611f62565b905060200281019061070c9190611f8f565b610bb2565b6001016106c5565b5050505050565b5f81900361075a576040517ff9820cc100000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f5f5f5b8381101561083e575f5f61079487878581811061077d5761077d611f62565b905060200281019061078f9190611f8f565b61097d565b915091508473ffffffffffffffffffffffffffffffffffffffff168273ffffffffffffffffffffffffffffffffffffffff161415806107d1575082155b15610828576107df82610873565b831561081f5773ffffffffffffffffffffffffffffffffffffffff85165f9081526020819052604081208054869290610819908490611f4f565b90915550505b9093505f925083905b6108328185611f4f565b9350505060010161075e565b5073ffffffffffffffffffffffffffffffffffffffff82165f9081526020819052604081208054839290610638908490611f4f565b6040517ff25a5dd500000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff8281166004830152600160248301527f0000000000000000000000000000000000000000000000000000000000000000169063f25a5dd590604401602060405180830381865afa158015610904573d5f5f3e3d5ffd5b505050506040513d601f19601f820116820180604052508101906109289190611ec8565b8190610979576040517fe2d0e60500000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff9091166004820152602401610438565b5050565b5f5f5f61098a8585611108565b91945067ffffffffffffffff91821693508116915043906109cd907f00000000000000000000000000000000000000000000000000000000000000001683611f4f565b108190610a09576040517fb267005800000000000000000000000000000000000000000000000000000000815260040161043891815260200190565b505f8585604051610a1b929190611ff0565b60405180910390209050610a2e82611657565b81148290610a6b576040517f3a128c7300000000000000000000000000000000000000000000000000000000815260040161043891815260200190565b508215801590610aa45750610aa0837fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff611fff565b8111155b8290610adf576040517fff887e9600000000000000000000000000000000000000000000000000000000815260040161043891815260200190565b50600882901c5f90815260026020526040902054600160ff84161b8381831615610b38576040517fb3167bfa00000000000000000000000000000000000000000000000000000000815260040161043891815260200190565b5080821760025f600887901c81526020019081526020015f20819055508573ffffffffffffffffffffffffffffffffffffffff1683857fe86017d73a90944bc151933fd8d00c33ee0fdef054b8ef6d00b11b665d63a59188604051610b9f91815260200190565b60405180910390a4505050509250929050565b5f610c887fcafed9dfd4c83283ce327bb238edce6c9d05b508a020378e67a292a2d68c697a610be46020870187611d6f565b610bf46040880160208901611d6f565b610c046060890160408a01612037565b60408051602081019590955273ffffffffffffffffffffffffffffffffffffffff938416908501529116606083015267ffffffffffffffff1660808201527f000000000000000000000000000000000000000000000000000000000000000060a082015260c0016040516020818303038152906040528051906020012084846117d8565b9050610c976020850185611d6f565b73ffffffffffffffffffffffffffffffffffffffff828116911614610cbf6020860186611d6f565b829091610d18576040517f079974ba00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff928316600482015291166024820152604401610438565b505f9050600181610d2c6020880188611d6f565b73ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1681526020019081526020015f205f866020016020810190610d799190611d6f565b73ffffffffffffffffffffffffffffffffffffffff16815260208082019290925260409081015f208151808301835290546fffffffffffffffffffffffffffffffff81168252700100000000000000000000000000000000900467ffffffffffffffff169281018390529250610df59060608801908801612037565b67ffffffffffffffff1610158160200151866040016020810190610e199190612037565b9091610e65576040517f60188e4800000000000000000000000000000000000000000000000000000000815267ffffffffffffffff928316600482015291166024820152604401610438565b505060208101515f90610e7e6060880160408901612037565b610e88919061205e565b90508067ffffffffffffffff165f03610ea357505050505050565b8151816fffffffffffffffffffffffffffffffff821667ffffffffffffffff82161115610f20576040517fc0710ec80000000000000000000000000000000000000000000000000000000081526fffffffffffffffffffffffffffffffff909216600483015267ffffffffffffffff166024820152604401610438565b505060405180604001604052808267ffffffffffffffff16845f0151610f46919061207e565b6fffffffffffffffffffffffffffffffff168152602001610f6d6060890160408a01612037565b67ffffffffffffffff16905260015f610f8960208a018a611d6f565b73ffffffffffffffffffffffffffffffffffffffff1673ffffffffffffffffffffffffffffffffffffffff1681526020019081526020015f205f886020016020810190610fd69190611d6f565b73ffffffffffffffffffffffffffffffffffffffff16815260208082019290925260409081015f20835181549484015167ffffffffffffffff16700100000000000000000000000000000000027fffffffffffffffff0000000000000000000000000000000000000000000000009095166fffffffffffffffffffffffffffffffff9091161793909317909255611071918801908801611d6f565b73ffffffffffffffffffffffffffffffffffffffff166110946020880188611d6f565b73ffffffffffffffffffffffffffffffffffffffff167fc1a7d4fb0215e77918d9a39b065d680cdc8194741bbcfe9c8c50eed1f8957363836110dc60608b0160408c01612037565b6040805167ffffffffffffffff93841681529290911660208301520160405180910390a3505050505050565b5f8080610210841080159061115d575084845f81811061112a5761112a611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660f960f81b145b611193576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b61119e600385611f14565b6111ac6003600187896120a6565b6111b5916120cd565b60f01c146111ef576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b8484600381811061120257611202611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660a060f81b14801561128157508484602481811061124e5761124e611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660a060f81b145b80156112ce57508484604581811061129b5761129b611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff1916609460f81b145b801561131b57508484605a8181106112e8576112e8611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660a060f81b145b801561136857508484607b81811061133557611335611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660a060f81b145b80156113b557508484609c81811061138257611382611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660a060f81b145b6113eb576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6113f960c060bd86886120a6565b61140291612133565b7cffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191662b9010060e81b1480156114825750848461144060016101c1611f14565b81811061144f5761144f611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff1916608060f81b145b6114b8576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6114c6605a604686886120a6565b6114cf91612198565b60601c92505f6114e286866101c1611a40565b90935090505f5b6003811015611508576114fd878784611a40565b9250506001016114e9565b5084611515826021611f4f565b11158015611563575085858281811061153057611530611f62565b9050013560f81c60f81b7effffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff191660a060f81b145b611599576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f86866115a7846001611f4f565b906115b3856021611f4f565b926115c0939291906120a6565b6115c9916121fd565b90507fffffffff0000000000000000000000000000000000000000000000000000000081167f4d5250310000000000000000000000000000000000000000000000000000000014611646576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b9396929550505060a09190911c9150565b5f4361166583610100611f4f565b1061166f57504090565b4361167c611fff84611f4f565b101582906116b9576040517f34dce74900000000000000000000000000000000000000000000000000000000815260040161043891815260200190565b505f5f71f90827f1c53a10cb7a02335b17532000293573ffffffffffffffffffffffffffffffffffffffff16846040516020016116f891815260200190565b604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08184030181529082905261173091612239565b5f60405180830381855afa9150503d805f8114611768576040519150601f19603f3d011682016040523d82523d5f602084013e61176d565b606091505b5091509150818015611780575080516020145b84906117bb576040517f34dce74900000000000000000000000000000000000000000000000000000000815260040161043891815260200190565b50808060200190518101906117d0919061224f565b949350505050565b5f60418214611813576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f6118226040602085876120a6565b61182b916121fd565b90505f8484604081811061184157611841611f62565b919091013560f81c9150507f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0821180159061188c57508060ff16601b148061188c57508060ff16601c145b6118c2576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b6040517f190100000000000000000000000000000000000000000000000000000000000060208201527f00000000000000000000000000000000000000000000000000000000000000006022820152604281018790525f90606201604080517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe08184030181529190528051602091820120915060019082908490611968905f8a8c6120a6565b611971916121fd565b604080515f8152602081018083529490945260ff9092169183019190915260608201526080810185905260a0016020604051602081039080840390855afa1580156119be573d5f5f3e3d5ffd5b50506040517fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0015194505073ffffffffffffffffffffffffffffffffffffffff8416611a36576040517f55a1e16e00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5050509392505050565b5f80838310611a7b576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b5f858585818110611a8e57611a8e611f62565b919091013560f81c9150506080811015611af157805f03611adb576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b80611ae7856001611f4f565b9250925050611c57565b5f611afd608083611f14565b905080611b0b866001611f4f565b611b159190611f4f565b925060088111158015611b285750858311155b611b5e576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b805f03611b6f575f93505050611c57565b611b7a816008612266565b611b85906040611f14565b67ffffffffffffffff168787611b9c886001611f4f565b611ba8928792906120a6565b611bb19161227d565b60c01c901c93508686611bc5876001611f4f565b818110611bd457611bd4611f62565b909101357fff00000000000000000000000000000000000000000000000000000000000000161580159150611c1e57506001811180611c1e575060808467ffffffffffffffff1610155b611c54576040517f451b7cff00000000000000000000000000000000000000000000000000000000815260040160405180910390fd5b50505b935093915050565b803573ffffffffffffffffffffffffffffffffffffffff81168114611c82575f5ffd5b919050565b5f5f60408385031215611c98575f5ffd5b611ca183611c5f565b9150611caf60208401611c5f565b90509250929050565b5f5f60408385031215611cc9575f5ffd5b611cd283611c5f565b915060208301356fffffffffffffffffffffffffffffffff81168114611cf6575f5ffd5b809150509250929050565b5f5f60208385031215611d12575f5ffd5b823567ffffffffffffffff811115611d28575f5ffd5b8301601f81018513611d38575f5ffd5b803567ffffffffffffffff811115611d4e575f5ffd5b856020828401011115611d5f575f5ffd5b6020919091019590945092505050565b5f60208284031215611d7f575f5ffd5b611d8882611c5f565b9392505050565b5f5f83601f840112611d9f575f5ffd5b50813567ffffffffffffffff811115611db6575f5ffd5b6020830191508360208260051b8501011115611dd0575f5ffd5b9250929050565b5f5f5f5f60408587031215611dea575f5ffd5b843567ffffffffffffffff811115611e00575f5ffd5b8501601f81018713611e10575f5ffd5b803567ffffffffffffffff811115611e26575f5ffd5b876020606083028401011115611e3a575f5ffd5b60209182019550935085013567ffffffffffffffff811115611e5a575f5ffd5b611e6687828801611d8f565b95989497509550505050565b5f60208284031215611e82575f5ffd5b5035919050565b5f5f60208385031215611e9a575f5ffd5b823567ffffffffffffffff811115611eb0575f5ffd5b611ebc85828601611d8f565b90969095509350505050565b5f60208284031215611ed8575f5ffd5b81518015158114611d88575f5ffd5b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b818103818111156102dc576102dc611ee7565b6fffffffffffffffffffffffffffffffff81811683821601908111156102dc576102dc611ee7565b808201808211156102dc576102dc611ee7565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b5f5f83357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe1843603018112611fc2575f5ffd5b83018035915067ffffffffffffffff821115611fdc575f5ffd5b602001915036819003821315611dd0575f5ffd5b818382375f9101908152919050565b5f82612032577f4e487b71000000000000000000000000000000000000000000000000000000005f52601260045260245ffd5b500490565b5f60208284031215612047575f5ffd5b813567ffffffffffffffff81168114611d88575f5ffd5b67ffffffffffffffff82811682821603908111156102dc576102dc611ee7565b6fffffffffffffffffffffffffffffffff82811682821603908111156102dc576102dc611ee7565b5f5f858511156120b4575f5ffd5b838611156120c0575f5ffd5b5050820193919092039150565b80357fffff000000000000000000000000000000000000000000000000000000000000811690600284101561212c577fffff000000000000000000000000000000000000000000000000000000000000808560020360031b1b82161691505b5092915050565b80357fffffff0000000000000000000000000000000000000000000000000000000000811690600384101561212c577fffffff0000000000000000000000000000000000000000000000000000000000808560030360031b1b82161691505092915050565b80357fffffffffffffffffffffffffffffffffffffffff000000000000000000000000811690601484101561212c577fffffffffffffffffffffffffffffffffffffffff000000000000000000000000808560140360031b1b82161691505092915050565b803560208310156102dc577fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff602084900360031b1b1692915050565b5f82518060208501845e5f920191825250919050565b5f6020828403121561225f575f5ffd5b5051919050565b80820281158282048414176102dc576102dc611ee7565b80357fffffffffffffffff000000000000000000000000000000000000000000000000811690600884101561212c577fffffffffffffffff000000000000000000000000000000000000000000000000808560080360031b1b8216169150509291505056",
}

// WorkBudget is an auto generated Go binding around an Ethereum contract.
type WorkBudget struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *WorkBudget) GetABI() abi.ABI {
	return c.abi
}

// NewWorkBudget creates a new instance of WorkBudget.
func NewWorkBudget() *WorkBudget {
	parsed, err := WorkBudgetMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &WorkBudget{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *WorkBudget) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackConstructor is the Go binding used to pack the parameters required for
// contract deployment.
//
// Solidity: constructor(address registry_, uint64 confirmations_) returns()
func (workBudget *WorkBudget) PackConstructor(registry_ common.Address, confirmations_ uint64) []byte {
	enc, err := workBudget.abi.Pack("", registry_, confirmations_)
	if err != nil {
		panic(err)
	}
	return enc
}

// PackClaim is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc63ff8dd.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claim(bytes header) returns()
func (workBudget *WorkBudget) PackClaim(header []byte) []byte {
	enc, err := workBudget.abi.Pack("claim", header)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaim is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc63ff8dd.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claim(bytes header) returns()
func (workBudget *WorkBudget) TryPackClaim(header []byte) ([]byte, error) {
	return workBudget.abi.Pack("claim", header)
}

// PackClaimMany is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf0a33bd4.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claimMany(bytes[] headers) returns()
func (workBudget *WorkBudget) PackClaimMany(headers [][]byte) []byte {
	enc, err := workBudget.abi.Pack("claimMany", headers)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaimMany is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf0a33bd4.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claimMany(bytes[] headers) returns()
func (workBudget *WorkBudget) TryPackClaimMany(headers [][]byte) ([]byte, error) {
	return workBudget.abi.Pack("claimMany", headers)
}

// PackClaimed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdbe7e3bd.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function claimed(uint256 number) view returns(bool)
func (workBudget *WorkBudget) PackClaimed(number *big.Int) []byte {
	enc, err := workBudget.abi.Pack("claimed", number)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackClaimed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdbe7e3bd.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function claimed(uint256 number) view returns(bool)
func (workBudget *WorkBudget) TryPackClaimed(number *big.Int) ([]byte, error) {
	return workBudget.abi.Pack("claimed", number)
}

// UnpackClaimed is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xdbe7e3bd.
//
// Solidity: function claimed(uint256 number) view returns(bool)
func (workBudget *WorkBudget) UnpackClaimed(data []byte) (bool, error) {
	out, err := workBudget.abi.Unpack("claimed", data)
	if err != nil {
		return *new(bool), err
	}
	out0 := *abi.ConvertType(out[0], new(bool)).(*bool)
	return out0, nil
}

// PackConfirmations is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9cf5d607.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function confirmations() view returns(uint64)
func (workBudget *WorkBudget) PackConfirmations() []byte {
	enc, err := workBudget.abi.Pack("confirmations")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackConfirmations is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9cf5d607.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function confirmations() view returns(uint64)
func (workBudget *WorkBudget) TryPackConfirmations() ([]byte, error) {
	return workBudget.abi.Pack("confirmations")
}

// UnpackConfirmations is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x9cf5d607.
//
// Solidity: function confirmations() view returns(uint64)
func (workBudget *WorkBudget) UnpackConfirmations(data []byte) (uint64, error) {
	out, err := workBudget.abi.Unpack("confirmations", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// PackCredit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd5d44d80.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function credit(address researcher) view returns(uint256)
func (workBudget *WorkBudget) PackCredit(researcher common.Address) []byte {
	enc, err := workBudget.abi.Pack("credit", researcher)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackCredit is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd5d44d80.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function credit(address researcher) view returns(uint256)
func (workBudget *WorkBudget) TryPackCredit(researcher common.Address) ([]byte, error) {
	return workBudget.abi.Pack("credit", researcher)
}

// UnpackCredit is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xd5d44d80.
//
// Solidity: function credit(address researcher) view returns(uint256)
func (workBudget *WorkBudget) UnpackCredit(data []byte) (*big.Int, error) {
	out, err := workBudget.abi.Unpack("credit", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackEscrow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x97d78a8b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function escrow(address marketplace, uint128 work) returns()
func (workBudget *WorkBudget) PackEscrow(marketplace common.Address, work *big.Int) []byte {
	enc, err := workBudget.abi.Pack("escrow", marketplace, work)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackEscrow is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x97d78a8b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function escrow(address marketplace, uint128 work) returns()
func (workBudget *WorkBudget) TryPackEscrow(marketplace common.Address, work *big.Int) ([]byte, error) {
	return workBudget.abi.Pack("escrow", marketplace, work)
}

// PackEscrowed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x13126902.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function escrowed(address researcher, address marketplace) view returns(uint256)
func (workBudget *WorkBudget) PackEscrowed(researcher common.Address, marketplace common.Address) []byte {
	enc, err := workBudget.abi.Pack("escrowed", researcher, marketplace)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackEscrowed is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x13126902.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function escrowed(address researcher, address marketplace) view returns(uint256)
func (workBudget *WorkBudget) TryPackEscrowed(researcher common.Address, marketplace common.Address) ([]byte, error) {
	return workBudget.abi.Pack("escrowed", researcher, marketplace)
}

// UnpackEscrowed is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x13126902.
//
// Solidity: function escrowed(address researcher, address marketplace) view returns(uint256)
func (workBudget *WorkBudget) UnpackEscrowed(data []byte) (*big.Int, error) {
	out, err := workBudget.abi.Unpack("escrowed", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackRegistry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7b103999.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function registry() view returns(address)
func (workBudget *WorkBudget) PackRegistry() []byte {
	enc, err := workBudget.abi.Pack("registry")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRegistry is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x7b103999.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function registry() view returns(address)
func (workBudget *WorkBudget) TryPackRegistry() ([]byte, error) {
	return workBudget.abi.Pack("registry")
}

// UnpackRegistry is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x7b103999.
//
// Solidity: function registry() view returns(address)
func (workBudget *WorkBudget) UnpackRegistry(data []byte) (common.Address, error) {
	out, err := workBudget.abi.Unpack("registry", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackSettle is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xda022137.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function settle((address,address,uint64)[] vouchers, bytes[] signatures) returns()
func (workBudget *WorkBudget) PackSettle(vouchers []WorkBudgetVoucher, signatures [][]byte) []byte {
	enc, err := workBudget.abi.Pack("settle", vouchers, signatures)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSettle is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xda022137.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function settle((address,address,uint64)[] vouchers, bytes[] signatures) returns()
func (workBudget *WorkBudget) TryPackSettle(vouchers []WorkBudgetVoucher, signatures [][]byte) ([]byte, error) {
	return workBudget.abi.Pack("settle", vouchers, signatures)
}

// PackSettled is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x65b39968.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function settled(address researcher, address marketplace) view returns(uint64)
func (workBudget *WorkBudget) PackSettled(researcher common.Address, marketplace common.Address) []byte {
	enc, err := workBudget.abi.Pack("settled", researcher, marketplace)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSettled is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x65b39968.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function settled(address researcher, address marketplace) view returns(uint64)
func (workBudget *WorkBudget) TryPackSettled(researcher common.Address, marketplace common.Address) ([]byte, error) {
	return workBudget.abi.Pack("settled", researcher, marketplace)
}

// UnpackSettled is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x65b39968.
//
// Solidity: function settled(address researcher, address marketplace) view returns(uint64)
func (workBudget *WorkBudget) UnpackSettled(data []byte) (uint64, error) {
	out, err := workBudget.abi.Unpack("settled", data)
	if err != nil {
		return *new(uint64), err
	}
	out0 := *abi.ConvertType(out[0], new(uint64)).(*uint64)
	return out0, nil
}

// WorkBudgetEscrowed represents a Escrowed event raised by the WorkBudget contract.
type WorkBudgetEscrowed struct {
	Researcher  common.Address
	Marketplace common.Address
	Work        *big.Int
	Raw         *types.Log // Blockchain specific contextual infos
}

const WorkBudgetEscrowedEventName = "Escrowed"

// ContractEventName returns the user-defined event name.
func (WorkBudgetEscrowed) ContractEventName() string {
	return WorkBudgetEscrowedEventName
}

// UnpackEscrowedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Escrowed(address indexed researcher, address indexed marketplace, uint256 work)
func (workBudget *WorkBudget) UnpackEscrowedEvent(log *types.Log) (*WorkBudgetEscrowed, error) {
	event := "Escrowed"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != workBudget.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(WorkBudgetEscrowed)
	if len(log.Data) > 0 {
		if err := workBudget.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range workBudget.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// WorkBudgetSettled represents a Settled event raised by the WorkBudget contract.
type WorkBudgetSettled struct {
	Researcher  common.Address
	Marketplace common.Address
	Work        *big.Int
	Cumulative  uint64
	Raw         *types.Log // Blockchain specific contextual infos
}

const WorkBudgetSettledEventName = "Settled"

// ContractEventName returns the user-defined event name.
func (WorkBudgetSettled) ContractEventName() string {
	return WorkBudgetSettledEventName
}

// UnpackSettledEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Settled(address indexed researcher, address indexed marketplace, uint256 work, uint64 cumulative)
func (workBudget *WorkBudget) UnpackSettledEvent(log *types.Log) (*WorkBudgetSettled, error) {
	event := "Settled"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != workBudget.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(WorkBudgetSettled)
	if len(log.Data) > 0 {
		if err := workBudget.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range workBudget.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// WorkBudgetWorkCredited represents a WorkCredited event raised by the WorkBudget contract.
type WorkBudgetWorkCredited struct {
	Number     *big.Int
	BlockHash  [32]byte
	Researcher common.Address
	Work       *big.Int
	Raw        *types.Log // Blockchain specific contextual infos
}

const WorkBudgetWorkCreditedEventName = "WorkCredited"

// ContractEventName returns the user-defined event name.
func (WorkBudgetWorkCredited) ContractEventName() string {
	return WorkBudgetWorkCreditedEventName
}

// UnpackWorkCreditedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event WorkCredited(uint256 indexed number, bytes32 indexed blockHash, address indexed researcher, uint256 work)
func (workBudget *WorkBudget) UnpackWorkCreditedEvent(log *types.Log) (*WorkBudgetWorkCredited, error) {
	event := "WorkCredited"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != workBudget.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(WorkBudgetWorkCredited)
	if len(log.Data) > 0 {
		if err := workBudget.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range workBudget.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (workBudget *WorkBudget) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], workBudget.abi.Errors["AlreadyClaimed"].ID.Bytes()[:4]) {
		return workBudget.UnpackAlreadyClaimedError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["BadHeader"].ID.Bytes()[:4]) {
		return workBudget.UnpackBadHeaderError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["ForgedVoucher"].ID.Bytes()[:4]) {
		return workBudget.UnpackForgedVoucherError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["InsufficientCredit"].ID.Bytes()[:4]) {
		return workBudget.UnpackInsufficientCreditError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["InsufficientEscrow"].ID.Bytes()[:4]) {
		return workBudget.UnpackInsufficientEscrowError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["MalformedSignature"].ID.Bytes()[:4]) {
		return workBudget.UnpackMalformedSignatureError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["NoWork"].ID.Bytes()[:4]) {
		return workBudget.UnpackNoWorkError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["NotCanonical"].ID.Bytes()[:4]) {
		return workBudget.UnpackNotCanonicalError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["NotMarketplace"].ID.Bytes()[:4]) {
		return workBudget.UnpackNotMarketplaceError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["NotResearcher"].ID.Bytes()[:4]) {
		return workBudget.UnpackNotResearcherError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["Nothing"].ID.Bytes()[:4]) {
		return workBudget.UnpackNothingError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["TooOld"].ID.Bytes()[:4]) {
		return workBudget.UnpackTooOldError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["TooYoung"].ID.Bytes()[:4]) {
		return workBudget.UnpackTooYoungError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["UnevenVouchers"].ID.Bytes()[:4]) {
		return workBudget.UnpackUnevenVouchersError(raw[4:])
	}
	if bytes.Equal(raw[:4], workBudget.abi.Errors["VoucherSuperseded"].ID.Bytes()[:4]) {
		return workBudget.UnpackVoucherSupersededError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// WorkBudgetAlreadyClaimed represents a AlreadyClaimed error raised by the WorkBudget contract.
type WorkBudgetAlreadyClaimed struct {
	Number *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error AlreadyClaimed(uint256 number)
func WorkBudgetAlreadyClaimedErrorID() common.Hash {
	return common.HexToHash("0xb3167bfa203824a8528cd651824b49f666ae15ab32eef5801cb2db761a8707a6")
}

// UnpackAlreadyClaimedError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error AlreadyClaimed(uint256 number)
func (workBudget *WorkBudget) UnpackAlreadyClaimedError(raw []byte) (*WorkBudgetAlreadyClaimed, error) {
	out := new(WorkBudgetAlreadyClaimed)
	if err := workBudget.abi.UnpackIntoInterface(out, "AlreadyClaimed", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetBadHeader represents a BadHeader error raised by the WorkBudget contract.
type WorkBudgetBadHeader struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error BadHeader()
func WorkBudgetBadHeaderErrorID() common.Hash {
	return common.HexToHash("0x451b7cffd5afdd96a51fe8544f5ec6ffb29228bad9c3d25b5d9e4bcb05191f5c")
}

// UnpackBadHeaderError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error BadHeader()
func (workBudget *WorkBudget) UnpackBadHeaderError(raw []byte) (*WorkBudgetBadHeader, error) {
	out := new(WorkBudgetBadHeader)
	if err := workBudget.abi.UnpackIntoInterface(out, "BadHeader", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetForgedVoucher represents a ForgedVoucher error raised by the WorkBudget contract.
type WorkBudgetForgedVoucher struct {
	Researcher common.Address
	Signer     common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error ForgedVoucher(address researcher, address signer)
func WorkBudgetForgedVoucherErrorID() common.Hash {
	return common.HexToHash("0x079974ba27dbc3f6b5a89c16aa525e9613514204c953799ef5b9a34ba4d15c81")
}

// UnpackForgedVoucherError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error ForgedVoucher(address researcher, address signer)
func (workBudget *WorkBudget) UnpackForgedVoucherError(raw []byte) (*WorkBudgetForgedVoucher, error) {
	out := new(WorkBudgetForgedVoucher)
	if err := workBudget.abi.UnpackIntoInterface(out, "ForgedVoucher", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetInsufficientCredit represents a InsufficientCredit error raised by the WorkBudget contract.
type WorkBudgetInsufficientCredit struct {
	Credit *big.Int
	Wanted *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InsufficientCredit(uint256 credit, uint256 wanted)
func WorkBudgetInsufficientCreditErrorID() common.Hash {
	return common.HexToHash("0x4eb7eaecc2dad10d1ef9dc7128d5a738b8b271453f48cc9c80a8cd87c3522349")
}

// UnpackInsufficientCreditError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InsufficientCredit(uint256 credit, uint256 wanted)
func (workBudget *WorkBudget) UnpackInsufficientCreditError(raw []byte) (*WorkBudgetInsufficientCredit, error) {
	out := new(WorkBudgetInsufficientCredit)
	if err := workBudget.abi.UnpackIntoInterface(out, "InsufficientCredit", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetInsufficientEscrow represents a InsufficientEscrow error raised by the WorkBudget contract.
type WorkBudgetInsufficientEscrow struct {
	Escrowed *big.Int
	Wanted   *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error InsufficientEscrow(uint256 escrowed, uint256 wanted)
func WorkBudgetInsufficientEscrowErrorID() common.Hash {
	return common.HexToHash("0xc0710ec85093bc42a85790b3e7960a058f1e6b21003b2de03ec7502e28018cd1")
}

// UnpackInsufficientEscrowError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error InsufficientEscrow(uint256 escrowed, uint256 wanted)
func (workBudget *WorkBudget) UnpackInsufficientEscrowError(raw []byte) (*WorkBudgetInsufficientEscrow, error) {
	out := new(WorkBudgetInsufficientEscrow)
	if err := workBudget.abi.UnpackIntoInterface(out, "InsufficientEscrow", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetMalformedSignature represents a MalformedSignature error raised by the WorkBudget contract.
type WorkBudgetMalformedSignature struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error MalformedSignature()
func WorkBudgetMalformedSignatureErrorID() common.Hash {
	return common.HexToHash("0x55a1e16eadce29d71cb136c0493e3881b154dc5303ad068a5a1e01023482b7e2")
}

// UnpackMalformedSignatureError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error MalformedSignature()
func (workBudget *WorkBudget) UnpackMalformedSignatureError(raw []byte) (*WorkBudgetMalformedSignature, error) {
	out := new(WorkBudgetMalformedSignature)
	if err := workBudget.abi.UnpackIntoInterface(out, "MalformedSignature", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetNoWork represents a NoWork error raised by the WorkBudget contract.
type WorkBudgetNoWork struct {
	Number *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NoWork(uint256 number)
func WorkBudgetNoWorkErrorID() common.Hash {
	return common.HexToHash("0xff887e9692f635247c696d62dbabf5e4e111d05212dad769742461d903bea4df")
}

// UnpackNoWorkError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NoWork(uint256 number)
func (workBudget *WorkBudget) UnpackNoWorkError(raw []byte) (*WorkBudgetNoWork, error) {
	out := new(WorkBudgetNoWork)
	if err := workBudget.abi.UnpackIntoInterface(out, "NoWork", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetNotCanonical represents a NotCanonical error raised by the WorkBudget contract.
type WorkBudgetNotCanonical struct {
	Number *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotCanonical(uint256 number)
func WorkBudgetNotCanonicalErrorID() common.Hash {
	return common.HexToHash("0x3a128c7385cfa39591321df0332fadc0c237d8343e5e55a67fc8e445234a2ca9")
}

// UnpackNotCanonicalError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotCanonical(uint256 number)
func (workBudget *WorkBudget) UnpackNotCanonicalError(raw []byte) (*WorkBudgetNotCanonical, error) {
	out := new(WorkBudgetNotCanonical)
	if err := workBudget.abi.UnpackIntoInterface(out, "NotCanonical", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetNotMarketplace represents a NotMarketplace error raised by the WorkBudget contract.
type WorkBudgetNotMarketplace struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotMarketplace(address account)
func WorkBudgetNotMarketplaceErrorID() common.Hash {
	return common.HexToHash("0xed2cb5a8b76f27b53a534e30236a7239245c5a2d1951b6843e3e39b1dba4e660")
}

// UnpackNotMarketplaceError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotMarketplace(address account)
func (workBudget *WorkBudget) UnpackNotMarketplaceError(raw []byte) (*WorkBudgetNotMarketplace, error) {
	out := new(WorkBudgetNotMarketplace)
	if err := workBudget.abi.UnpackIntoInterface(out, "NotMarketplace", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetNotResearcher represents a NotResearcher error raised by the WorkBudget contract.
type WorkBudgetNotResearcher struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error NotResearcher(address account)
func WorkBudgetNotResearcherErrorID() common.Hash {
	return common.HexToHash("0xe2d0e6055390f1e43c1173f43e4a562f857e25d0e0475f3c15a0bb01287c2014")
}

// UnpackNotResearcherError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error NotResearcher(address account)
func (workBudget *WorkBudget) UnpackNotResearcherError(raw []byte) (*WorkBudgetNotResearcher, error) {
	out := new(WorkBudgetNotResearcher)
	if err := workBudget.abi.UnpackIntoInterface(out, "NotResearcher", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetNothing represents a Nothing error raised by the WorkBudget contract.
type WorkBudgetNothing struct {
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error Nothing()
func WorkBudgetNothingErrorID() common.Hash {
	return common.HexToHash("0xf9820cc132b89dd54523d3427f62edb25f113e8cd2efd7b6b2513f209fd24cba")
}

// UnpackNothingError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error Nothing()
func (workBudget *WorkBudget) UnpackNothingError(raw []byte) (*WorkBudgetNothing, error) {
	out := new(WorkBudgetNothing)
	if err := workBudget.abi.UnpackIntoInterface(out, "Nothing", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetTooOld represents a TooOld error raised by the WorkBudget contract.
type WorkBudgetTooOld struct {
	Number *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooOld(uint256 number)
func WorkBudgetTooOldErrorID() common.Hash {
	return common.HexToHash("0x34dce74979648a9cf72ac62af2d1e4409224f96f6a759a42768dcb623b1ae4bd")
}

// UnpackTooOldError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooOld(uint256 number)
func (workBudget *WorkBudget) UnpackTooOldError(raw []byte) (*WorkBudgetTooOld, error) {
	out := new(WorkBudgetTooOld)
	if err := workBudget.abi.UnpackIntoInterface(out, "TooOld", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetTooYoung represents a TooYoung error raised by the WorkBudget contract.
type WorkBudgetTooYoung struct {
	Number *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error TooYoung(uint256 number)
func WorkBudgetTooYoungErrorID() common.Hash {
	return common.HexToHash("0xb26700581f0dd366f052949af817241b658a6c1042727f9763e1f9c0488081c4")
}

// UnpackTooYoungError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error TooYoung(uint256 number)
func (workBudget *WorkBudget) UnpackTooYoungError(raw []byte) (*WorkBudgetTooYoung, error) {
	out := new(WorkBudgetTooYoung)
	if err := workBudget.abi.UnpackIntoInterface(out, "TooYoung", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetUnevenVouchers represents a UnevenVouchers error raised by the WorkBudget contract.
type WorkBudgetUnevenVouchers struct {
	Vouchers   *big.Int
	Signatures *big.Int
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error UnevenVouchers(uint256 vouchers, uint256 signatures)
func WorkBudgetUnevenVouchersErrorID() common.Hash {
	return common.HexToHash("0x40532d3c507cfea4d4dd27b2d9646fbf08e1ea7c1feff9519b012bfbfd3a2a21")
}

// UnpackUnevenVouchersError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error UnevenVouchers(uint256 vouchers, uint256 signatures)
func (workBudget *WorkBudget) UnpackUnevenVouchersError(raw []byte) (*WorkBudgetUnevenVouchers, error) {
	out := new(WorkBudgetUnevenVouchers)
	if err := workBudget.abi.UnpackIntoInterface(out, "UnevenVouchers", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// WorkBudgetVoucherSuperseded represents a VoucherSuperseded error raised by the WorkBudget contract.
type WorkBudgetVoucherSuperseded struct {
	Settled    uint64
	Cumulative uint64
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error VoucherSuperseded(uint64 settled, uint64 cumulative)
func WorkBudgetVoucherSupersededErrorID() common.Hash {
	return common.HexToHash("0x60188e484c884eca4b46135e5be70778570440e5a0ee648e83b4451e0ac4f4df")
}

// UnpackVoucherSupersededError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error VoucherSuperseded(uint64 settled, uint64 cumulative)
func (workBudget *WorkBudget) UnpackVoucherSupersededError(raw []byte) (*WorkBudgetVoucherSuperseded, error) {
	out := new(WorkBudgetVoucherSuperseded)
	if err := workBudget.abi.UnpackIntoInterface(out, "VoucherSuperseded", raw); err != nil {
		return nil, err
	}
	return out, nil
}
