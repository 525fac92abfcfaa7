package demo

import (
	"strings"
)

// surnames stand as often as their weight says.
var surnames = weighted("王92 李91 张87 刘66 陈57 杨40 黄29 赵28 周27 吴26 徐22 孙19 马17 朱17 胡16 郭15 何15 林15 高13 罗13 郑12 梁12 谢11 宋11 唐10 许10 韩9 冯9 邓9 曹9 彭8 曾8 肖8 田8 董7 袁7 潘7 于7 蒋7 蔡6 余6 杜6 叶6 程6 苏6 魏6 吕5 丁5 任5 沈5 姚5 卢5 姜5 崔5 钟5 谭5 陆5 汪5 范4 石4")

// weighted repeats every first character as often as the number behind it says.
func weighted(list string) []string {
	var all []string
	for _, item := range strings.Fields(list) {
		name, weight := item[:3], 0
		for _, digit := range item[3:] {
			weight = 10*weight + int(digit-'0')
		}
		for range weight {
			all = append(all, name)
		}
	}
	return all
}

// given are the characters of given names: single ones, and the first and
// second ones of pairs. Parents choose by the fashion of their time.
type given struct{ one, first, second []string }

func givenNames(one, first, second string) given {
	split := func(s string) []string { return strings.Split(s, "") }
	return given{split(one), split(first), split(second)}
}

var (
	oldMen     = givenNames("根柱松山", "德长守永有正传家", "根林山福富友兵柱")
	oldWomen   = givenNames("莲芬珍琴芳", "秀桂玉明雪红小月", "兰英芳珍琴莲霞芬")
	youngMen   = givenNames("涵睿轩辰航", "子宇浩思天嘉文海", "轩涵辰睿航松全博")
	youngWomen = givenNames("彤瑶悦萱琪", "子雨诗欣梓思嘉佳", "涵彤瑶妍怡萱琪悦")
)

// publicFigures are names that the lists above could make and that belong to
// people everybody knows.
var publicFigures = map[string]bool{
	"汪涵": true, "王芳": true, "王琪": true, "刘航": true, "李航": true, "李雪琴": true, "田桂英": true,
	"周雨彤": true, "李思琪": true, "王家福": true,
}

// personName makes a name for somebody of that age with the surname given, or
// any when it is empty.
func (w *world) personName(surname string, female bool, age int) string {
	list := map[[2]bool]given{
		{false, false}: oldMen, {true, false}: oldWomen,
		{false, true}: youngMen, {true, true}: youngWomen,
	}[[2]bool{female, age < 45}]
	for {
		name := surname
		if name == "" {
			name = pick(w, surnames...)
		}
		if w.chance(0.18) {
			name += pick(w, list.one...)
		} else {
			name += pick(w, list.first...) + pick(w, list.second...)
		}
		if !publicFigures[name] {
			return name
		}
	}
}

// syllables of every character that the demo names people and places with.
var syllables = map[rune]string{}

func init() {
	const table = `王wang 李li 张zhang 刘liu 陈chen 杨yang 黄huang 赵zhao 周zhou 吴wu 徐xu 孙sun 马ma 朱zhu 胡hu 郭guo
		何he 林lin 高gao 罗luo 郑zheng 梁liang 谢xie 宋song 唐tang 许xu 韩han 冯feng 邓deng 曹cao 彭peng 曾zeng 肖xiao
		田tian 董dong 袁yuan 潘pan 于yu 蒋jiang 蔡cai 余yu 杜du 叶ye 程cheng 苏su 魏wei 吕lv 丁ding 任ren 沈shen 姚yao
		卢lu 姜jiang 崔cui 钟zhong 谭tan 陆lu 汪wang 范fan 石shi
		根gen 柱zhu 松song 山shan 德de 长chang 守shou 永yong 有you 正zheng 传chuan 家jia 福fu 富fu 友you 兵bing
		莲lian 芬fen 珍zhen 琴qin 芳fang 秀xiu 桂gui 玉yu 明ming 雪xue 红hong 小xiao 月yue 兰lan 英ying 霞xia
		涵han 睿rui 轩xuan 辰chen 航hang 子zi 宇yu 浩hao 思si 天tian 嘉jia 文wen 海hai 全quan 博bo
		彤tong 瑶yao 悦yue 萱xuan 琪qi 雨yu 诗shi 欣xin 梓zi 佳jia 妍yan 怡yi
		柳liu 东dong 青qing 白bai 梅mei 澄cheng 竹zhu 荷he 枫feng 南nan 西xi 溪xi 桥qiao 塘tang 岗gang 圩wei 冲chong
		湾wan 河he 坝ba 畈fan 桐tong 墩dun 书shu 翠cui 云yun 春chun 秋qiu 锦jin 香xiang 湖hu 苑yuan 亭ting`
	for _, item := range strings.Fields(table) {
		for _, char := range item {
			syllables[char] = item[len(string(char)):]
			break
		}
	}
}

// pinyin writes a name in letters without tones.
func pinyin(name string) string {
	var b strings.Builder
	for _, char := range name {
		b.WriteString(syllables[char])
	}
	return b.String()
}

// searchable is the pinyin of a name with its initials behind, as people type.
func searchable(name string) string {
	var initials strings.Builder
	for _, char := range name {
		initials.WriteString(syllables[char][:1])
	}
	return pinyin(name) + " " + initials.String()
}
